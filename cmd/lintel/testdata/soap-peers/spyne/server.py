# SPDX-License-Identifier: Apache-2.0
# A tariff service on spyne, which writes its own WSDL: python3 server.py [FOLDER]. Prints its port. With keys in the
# folder it is at /digest, /signed and /encrypted as well, where zeep checks requests and signs replies.
import io, os, sys, threading
from lxml import etree
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


class Secured:
    """WS-Security around spyne, which has none."""

    def __init__(self, inner, folder):
        sys.path.append(os.path.join(os.path.dirname(__file__), "..", "zeep"))
        import security
        self.inner, self.folder, self.security = inner, folder + "/", security

    def __call__(self, environ, start_response):
        mode = environ["PATH_INFO"].strip("/")
        if mode not in ("digest", "signed", "encrypted"):
            return self.inner(environ, start_response)
        environ["PATH_INFO"] = "/"
        envelope = etree.fromstring(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        try:
            assert self.security.decrypt(envelope, self.folder) == (mode == "encrypted")
            self.security.check_username(envelope)
            if mode != "digest":
                self.security.verify(envelope, self.folder)
        except Exception as e:
            print("refused: %r" % e, file=sys.stderr)
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"refused"]
        for block in envelope.findall(".//{%s}Security" % self.security.WSSE):
            block.getparent().remove(block)
        body = etree.tostring(envelope)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        answer = etree.fromstring(b"".join(self.inner(environ, lambda status, headers: start_response(status, [h for h in headers if h[0] != "Content-Length"]))))
        if mode != "digest":
            self.security.sign(answer, self.folder)
        return [etree.tostring(answer)]


app = Application([Tariffs], "urn:example:tariffs", in_protocol=Soap11(validator="lxml"), out_protocol=Soap11())
service = WsgiApplication(app)
if len(sys.argv) > 1:
    service = Secured(service, sys.argv[1])
server = make_server("127.0.0.1", 0, service, handler_class=Quiet)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()  # ends with the test
