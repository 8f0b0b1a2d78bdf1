# SPDX-License-Identifier: Apache-2.0
# A tariff service on spyne, which writes its own WSDL: python3 server.py. Prints its port.
import sys, threading
from wsgiref.simple_server import make_server, WSGIRequestHandler
from spyne import Application, rpc, ServiceBase, Unicode, Integer, Decimal, Date, Array, ComplexModel, Fault, ByteArray
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication


class Tariff(ComplexModel):
    __namespace__ = "urn:example:tariffs"
    Code = Unicode(min_occurs=1)
    Rate = Decimal(min_occurs=1)
    Since = Date(nillable=True, min_occurs=1)
    Percent = Integer(xml_choice_group="measure")
    Words = Unicode(xml_choice_group="measure")
    Zones = Array(Unicode, min_occurs=1)


class Tariffs(ServiceBase):
    @rpc(Unicode(min_occurs=1), _returns=Tariff.customize(min_occurs=1))
    def get_tariff(ctx, code):
        if code == "T404":
            raise Fault("Client.NoTariff", "no tariff")
        if code == "T500":
            raise RuntimeError("secret")
        return Tariff(Code=code, Rate="0.125", Since=None, Percent=5, Zones=[] if code == "T0" else ["A & B"])

    @rpc(ByteArray(min_occurs=1), _returns=Integer(min_occurs=1))
    def put_document(ctx, content):
        data = b"".join(content)
        return len(data) if data == bytes(i * 31 % 256 for i in range(len(data))) else -1


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


app = Application([Tariffs], "urn:example:tariffs", in_protocol=Soap11(validator="lxml"), out_protocol=Soap11())
server = make_server("127.0.0.1", 0, WsgiApplication(app), handler_class=Quiet)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()  # ends with the test
