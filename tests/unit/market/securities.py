"""Securities and records of the exchanges' files, for tests."""

import datetime as dt
from pathlib import Path

from panshi.domain.words import Board, Market, Product
from panshi.market.securities import Lots, Security, SecurityFlags
from panshi.market.szse_params import AuctionParams, PriceLimitSetting

SHARE = Security(
    market=Market.SSE,
    code="600961",
    name="株冶集团",
    board=Board.MAIN,
    product=Product.STOCK,
    prev_close_e5=909_000,
    limit_up_e5=1_000_000,
    limit_down_e5=818_000,
    tick_e5=1_000,
    lots=Lots(100, 100, 100, 1_000_000, 100, 1_000_000),
    list_date=dt.date(2004, 8, 30),
    flags=SecurityFlags(margin_buy=True),
    set_id=1,
)
"""An SSE main-board share."""

LIMIT = PriceLimitSetting("T", has_limit=True, is_rate=True, up=1_000, down=1_000)
PARAMS = AuctionParams(
    code="000001",
    buy_max=1_000_000,
    sell_max=1_000_000,
    buy_unit=100,
    sell_unit=1,
    market_buy_max=500_000,
    market_sell_max=600_000,
    market_buy_unit=100,
    market_sell_unit=1,
    tick_e5=1_000,
    settings=(PriceLimitSetting("O", has_limit=True, is_rate=True, up=9_000, down=1_000), LIMIT),
)
"""Auction parameters of an SZSE main-board share."""

RECORD = """<security>
  <SecurityID>{code}</SecurityID><SecurityIDSource>102</SecurityIDSource>
  <Symbol>平安银行</Symbol><EnglishName>PAB</EnglishName><ISIN/><ListDate>19910403</ListDate>
  <SecurityType>{kind}</SecurityType><Currency>CNY</Currency><QtyUnit>1.00</QtyUnit>
  <DayTrading>{same_day}</DayTrading><PrevClosePx>9.0900</PrevClosePx>
  <SecurityStatus>{states}</SecurityStatus><OutstandingShare>1.00</OutstandingShare>
  <CrdBuyUnderlying>Y</CrdBuyUnderlying><CrdSellUnderlying>N</CrdSellUnderlying>
  <StockParams><OfferingFlag>N</OfferingFlag></StockParams>
</security>"""


def szse_record(code: str = "000001", kind: str = "1", same_day: str = "N", *states: str) -> str:
    """Return one record of securities_YYYYMMDD.xml."""
    marks = "".join(f"<Status>{state}</Status>" for state in states)
    return RECORD.format(code=code, kind=kind, same_day=same_day, states=marks)


def write_szse(path: Path, *records: str) -> None:
    """Write records as a file securities_YYYYMMDD.xml."""
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<securities>' + "".join(records)
    path.write_text(text + "</securities>", encoding="utf-8")
