//! The far end of a measurement: a Shanghai gateway that accepts every order and does nothing else.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use panshi_wire::sse::{
    ExecRptInfo, ExecRptInfoHead, ExecRptSyncRsp, ExecutionReport, Logon, Message, NoHead,
    PbuEntry, PlatformState, SetEntry, SyncRspEntry, encode, frame,
};

use super::load::PBU;
use crate::buffer::Inbox;
use crate::convert::width::text;

/// When the last order came, for whoever watches from another thread.
#[derive(Clone, Debug)]
pub struct Stamp {
    start: Instant,
    last: Arc<AtomicU64>,
}

impl Default for Stamp {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            last: Arc::default(),
        }
    }
}

impl Stamp {
    /// Nanoseconds since it was made.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// When the last order came; 0: none yet.
    #[must_use]
    pub fn last_ns(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    fn take(&self) {
        self.last.store(self.now_ns(), Ordering::Release);
    }
}

/// Serve one order system until it goes.
///
/// # Errors
/// When the socket fails.
pub fn serve_one(listener: &TcpListener, stamp: Option<Stamp>) -> io::Result<()> {
    let (stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    Stub {
        stream,
        inbox: Inbox::new(256 << 10),
        out: vec![0; 512 << 10],
        used: 0,
        seq: 0,
        index: 0,
        stamp,
    }
    .run()
}

struct Stub {
    stream: TcpStream,
    inbox: Inbox,
    out: Vec<u8>,
    used: usize,
    seq: u64,
    index: u64,
    stamp: Option<Stamp>,
}

impl Stub {
    fn run(&mut self) -> io::Result<()> {
        loop {
            let count = match self.stream.read(self.inbox.space()) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                Err(error) => return Err(error),
            };
            self.inbox.filled(count);
            let mut inbox = std::mem::take(&mut self.inbox);
            while let Ok(Some(found)) = frame(inbox.data()) {
                if let Ok(message) = Message::decode(&found) {
                    self.answer(&message);
                }
                inbox.take(found.total_len);
                if self.used > 400 << 10 {
                    self.flush()?;
                }
            }
            self.inbox = inbox;
            self.flush()?;
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let used = std::mem::take(&mut self.used);
        self.stream.write_all(&self.out[..used])
    }

    fn put<M: panshi_wire::sse::SseMessage>(&mut self, message: &M) {
        self.seq += 1;
        if let Ok(len) = encode(message, self.seq, &mut self.out[self.used..]) {
            self.used += len;
        }
    }

    fn answer(&mut self, message: &Message<'_>) {
        match message {
            Message::NewOrderSingle(order) => {
                if let Some(stamp) = &self.stamp {
                    stamp.take();
                }
                self.index += 1;
                self.put(&ExecutionReport {
                    pbu: PBU,
                    set_id: 1,
                    report_index: self.index,
                    biz_id: order.biz_id,
                    exec_type: b'0',
                    biz_pbu: order.biz_pbu,
                    cl_ord_id: order.cl_ord_id,
                    security_id: order.security_id,
                    account: order.account,
                    side: order.side,
                    price: order.price,
                    order_qty: order.order_qty,
                    ord_type: order.ord_type,
                    time_in_force: order.time_in_force,
                    ord_status: b'0',
                    credit_tag: order.credit_tag,
                    clearing_firm: order.clearing_firm,
                    branch_id: order.branch_id,
                    trade_date: super::TRADE_DATE,
                    transact_time: order.transact_time,
                    user_info: order.user_info,
                    ..ExecutionReport::default()
                });
            }
            Message::Logon(logon) => {
                self.put(&Logon {
                    sender_comp_id: text("TDGW"),
                    target_comp_id: logon.sender_comp_id,
                    trade_date: super::TRADE_DATE,
                    ..*logon
                });
                self.put(&PlatformState {
                    platform_id: 0,
                    platform_state: 2,
                });
                self.put(&ExecRptInfo {
                    head: ExecRptInfoHead { platform_id: 0 },
                    pbus: [PbuEntry { pbu: PBU }].as_slice().into(),
                    set_ids: [SetEntry { set_id: 1 }].as_slice().into(),
                });
            }
            Message::ExecRptSync(asked) => {
                let groups: Vec<SyncRspEntry> = asked
                    .groups
                    .iter()
                    .map(|row| SyncRspEntry {
                        pbu: row.pbu,
                        set_id: row.set_id,
                        begin_report_index: row.begin_report_index,
                        end_report_index: self.index,
                        ..SyncRspEntry::default()
                    })
                    .collect();
                self.put(&ExecRptSyncRsp {
                    head: NoHead {},
                    groups: groups.as_slice().into(),
                });
            }
            _ => {}
        }
    }
}
