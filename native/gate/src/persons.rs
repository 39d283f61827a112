//! Who a person is: by a secret whose salted hash is in a file, or only by what was said.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use panshi_engine::kind::Proof;
use panshi_wire::text::pad;

use crate::command::Request;
use crate::password::Passwords;

/// The persons who may be asked for their secrets; copies share them.
#[derive(Clone, Debug, Default)]
pub struct Persons {
    known: Arc<RwLock<Option<Arc<Passwords>>>>,
}

impl Persons {
    /// Read the file of the persons' salted hashes, in the form of the clients' passwords; none: names are believed.
    ///
    /// # Errors
    /// When the file may not be used.
    pub fn load(path: Option<&Path>) -> Result<Self, String> {
        let known = path
            .map(Passwords::load)
            .transpose()
            .map_err(|error| format!("stop: persons: {error}"))?;
        Ok(Self {
            known: Arc::new(RwLock::new(known.map(Arc::new))),
        })
    }

    /// Take the persons of a file that was read again, here and wherever these are shared.
    pub fn renew(&self, read: &Self) {
        let known = read.known();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// The persons of now. Nobody holds the lock while a secret is tried: the serving loop must not wait for that.
    fn known(&self) -> Option<Arc<Passwords>> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether a name can be proved here.
    #[must_use]
    pub fn are_known(&self) -> bool {
        self.known().is_some()
    }

    /// How the name of a request was shown to be the person's.
    ///
    /// # Errors
    /// When a secret was given that is not the person's.
    pub fn prove(&self, request: &Request) -> Result<Proof, String> {
        let Some(secret) = &request.secret else {
            return Ok(Proof::None);
        };
        let Some(known) = self.known() else {
            return Err("secret: must be left out, this gate has no file of persons".to_owned());
        };
        let who = &request.who;
        let given = pad(secret.0.as_bytes());
        if given.is_some_and(|given| known.matches(who.as_bytes(), &given)) {
            Ok(Proof::Secret)
        } else {
            Err(format!("secret: must be that of {who}"))
        }
    }
}
