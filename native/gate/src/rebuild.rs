//! Orders that the exchange has and the journal lost with its end: they are made again from the exchange's first word about
//! them, while their gateway is on its way back.

use panshi_engine::input::Input;
use panshi_engine::record::flow::Report;
use panshi_engine::record::load::LoadClient;
use panshi_wire::text::trim;
use serde_json::json;

use crate::convert::rebuilt::order_of_report;
use crate::gate::Gate;
use crate::resync::Stage;

impl Gate {
    /// Book the order of a report before the report itself, when the journal lacks it.
    ///
    /// A gateway that takes orders is past that: an order that nobody knows is then nobody's, an anomaly.
    pub(crate) fn rebuild_order(&mut self, link: usize, report: &Report) {
        let row = &self.links[link];
        if row.resync.stage == Stage::Active || !self.engine.begins_unknown(report) {
            return;
        }
        let id = String::from_utf8_lossy(trim(&report.cl_ord_id)).into_owned();
        let gateway = row.config.number;
        let Some(client) = self.sender_of(report) else {
            let fields = json!({ "gateway": gateway, "cl_ord_id": id });
            self.note("error", "order of no client or of several", fields);
            return;
        };
        let fields = json!({
            "gateway": gateway, "cl_ord_id": id, "client": client,
            "report_index": report.report_index, "set_id": report.set_id,
        });
        self.note("warning", "order made again from its report", fields);
        self.input(&Input::NewOrder(order_of_report(report, client)));
    }

    /// The one client that can have sent an order: its prefix fits best, its PBUs and accounts include those of the order.
    fn sender_of(&self, report: &Report) -> Option<u16> {
        let account = self.engine.account(report.market, &report.account)?;
        let access = 1_u64.checked_shl(account.access.into())?;
        let may_have = |client: &&LoadClient| {
            let mut pbus = self.book.pbus_of(client);
            client.market == report.market
                && client.access_mask & access != 0
                && report.cl_ord_id.starts_with(prefix(client))
                && pbus.any(|pbu| pbu.pbu == report.pbu)
        };
        let mut found: Vec<&LoadClient> = self.book.clients.iter().flatten().collect();
        found.retain(|client| may_have(client));
        found.sort_by_key(|client| std::cmp::Reverse(client.prefix_len));
        match *found.as_slice() {
            [one] => Some(one.client),
            [one, next, ..] if one.prefix_len > next.prefix_len => Some(one.client),
            _ => None,
        }
    }
}

fn prefix(client: &LoadClient) -> &[u8] {
    let length = usize::from(client.prefix_len);
    client.prefix.get(..length).unwrap_or(&client.prefix)
}
