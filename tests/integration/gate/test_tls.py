"""TLS between an order system and a gate's port."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from panshi.rig.gate import Gate, listen
from panshi.rig.messages import shanghai_order, sse_logon, sse_streams
from panshi.rig.peer import OPENED, PATIENCE_S, Peer
from panshi.rig.small_day import SSE, SZSE
from tests.integration.gate.test_abuse import sent_away

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(folder: Path, *words: str) -> None:
    """Run openssl in a folder."""
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certificate(folder: Path, name: str, signer: str | None = None) -> None:
    """Make a key and a certificate for the loopback address, signed by itself or by another one."""
    subject = (
        "-subj",
        f"/CN={name}",
        "-days",
        "2",
        "-keyout",
        f"{name}.key",
        "-out",
        f"{name}.pem",
    )
    if signer is None:
        openssl(folder, "req", "-x509", *CURVE, *subject)
    else:
        by = ("-CA", f"{signer}.pem", "-CAkey", f"{signer}.key")
        names = ("-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE")
        openssl(folder, "req", "-x509", *CURVE, *subject, *by, *names)
    (folder / f"{name}.key").chmod(0o600)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an authority, a port's certificate and a client's."""
    folder = tmp_path_factory.mktemp("tls")
    certificate(folder, "authority")
    certificate(folder, "port", "authority")
    certificate(folder, "client", "authority")
    certificate(folder, "stranger")
    return folder


@pytest.fixture
def secured(gate: Gate, files: Path) -> Gate:
    """Serve Shanghai's port with TLS for clients with a certificate, Shenzhen's as usual."""
    gate.stop()
    first, second = gate.ports
    tls = {
        "certificate": str(files / "port.pem"),
        "key": str(files / "port.key"),
        "client_ca": str(files / "authority.pem"),
    }
    gate.configure(listen=[listen(SSE, first, tls=tls), listen(SZSE, second)])
    gate.start()
    return gate


def dial(gate: Gate, files: Path, name: str | None) -> Peer:
    """Connect with TLS, as the owner of a certificate."""
    context = ssl.create_default_context(cafile=str(files / "authority.pem"))
    if name is not None:
        context.load_cert_chain(files / f"{name}.pem", files / f"{name}.key")
    plain = socket.create_connection(("127.0.0.1", gate.ports[0]), timeout=PATIENCE_S)
    OPENED.append(plain)
    wrapped = context.wrap_socket(plain, server_hostname="127.0.0.1")
    OPENED.append(wrapped)
    return Peer("sse", wrapped)


def test_orders_go_through_tls_and_reports_come_back(secured: Gate, files: Path) -> None:
    client = dial(secured, files, "client")
    sse_logon(client)
    for kind in (40, 209, 208):
        client.expect(kind)
    client.send(206, NoGroups=sse_streams())
    client.expect(207)
    # More at once than one TLS record or one read of the gate holds.
    client.send_bytes(b"".join(shanghai_order(f"A{number:09}") for number in range(300)))
    found = [client.expect(32)["ReportIndex"] for _ in range(300)]
    assert found == list(range(1, 301))
    client.send(41, SessionStatus=0)
    assert client.expect(41)["SessionStatus"] == 0
    # Shenzhen's port speaks without.
    secured.szse()


def first_byte(gate: Gate, files: Path, name: str | None) -> bytes:
    """Connect and wait: TLS 1.3 refuses a client only after its own part of the handshake."""
    found: bytes = dial(gate, files, name).socket.recv(1)
    return found


@pytest.mark.parametrize("name", [None, "stranger"])
def test_a_client_without_a_good_certificate_is_sent_away(
    secured: Gate, files: Path, name: str | None
) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        first_byte(secured, files, name)
    assert sent_away(secured)[-1]["type"] == "TLS handshake failed"


def test_a_client_that_speaks_no_tls_is_sent_away(secured: Gate) -> None:
    client = secured.connect(SSE)
    sse_logon(client)
    secured.wait_for(lambda status: status["door"]["offences"].get("TLS handshake failed") == 1)


def test_a_key_that_others_may_read_keeps_the_gate_from_starting(
    secured: Gate, files: Path
) -> None:
    secured.stop()
    key = files / "port.key"
    key.chmod(0o644)
    try:
        secured.launch()
        assert secured.ended() != 0
    finally:
        key.chmod(0o600)
    assert "port.key: only its owner may have access (0600), found 0644" in secured.last_words()
