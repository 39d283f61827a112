//! A person settles an order that nobody answers: the exchange says that it does not have it.

use panshi_engine::code::Code;
use panshi_engine::input::Input;
use panshi_engine::kind::OrderStatus;
use panshi_wire::text::trim;

use crate::command::Request;
use crate::convert::local;
use crate::exchange::Link;
use crate::gate::Gate;
use crate::resync::Stage;

impl Gate {
    /// The report by which an order comes back to its client as one that never arrived.
    ///
    /// A 204 that was lost with its session comes no more, and neither protocol has a query. Only an order from before the
    /// present session of its gateway, whose reports are applied, can be taken for lost.
    ///
    /// # Errors
    /// When there is no such order, or something about it may still come.
    pub(crate) fn resolution(&mut self, request: &Request) -> Result<Input, String> {
        let number: u32 = request.number("order", None)?;
        let id = request.text("cl_ord_id")?.to_owned();
        let found = self.engine.order(number).copied();
        let order = found
            .filter(|order| order.status == OrderStatus::Sent && !order.recovered)
            .ok_or_else(|| format!("order: must be one without an answer, found {number}"))?;
        let own = String::from_utf8_lossy(trim(&order.cl_ord_id)).into_owned();
        if id != own {
            return Err(format!(
                "cl_ord_id: must be that of order {number}, {own}, found {id}"
            ));
        }
        let whole = |link: &&Link| {
            link.config.number == order.gateway
                && link.ready_conn().is_some()
                && link.resync.stage != Stage::Asking
                && !link.resync.unsynced
                && order.sent_ns < link.begun_ns
        };
        if !self.links.iter().any(|link| whole(&link)) {
            return Err(format!(
                "order: must be from before the session of gateway {}, whose reports must be applied, found {number}",
                order.gateway
            ));
        }
        let message = self
            .earlier_order(order.seq)
            .ok_or("the journal must hold the order")?;
        let moment = self.moment(message.market);
        let code = Code::NotConnected.number();
        let report = local::unsent_order(&message, order.gateway, code, &moment);
        Ok(Input::Report(report))
    }
}
