# SPDX-License-Identifier: Apache-2.0
# Names in SOAP 1.1, secured by zeep and the Python binding of xmlsec: server.py FOLDER, which has host.pem, host.key
# and gateway.pem. Prints its port. What a request must be and what its reply is depends on the path.
import http.server, sys, threading
from lxml import etree
import security

folder = sys.argv[1] + '/'
SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'
kept = {}


def reply(request, path, mode):
    body = '<n:GetNameResponse xmlns:n="urn:names"><Name>Anna</Name></n:GetNameResponse>'
    if 'fault' in mode:
        body = '<s:Fault><faultcode>s:Client</faultcode><faultstring>secret</faultstring></s:Fault>'
    related = request.findtext('.//{%s}MessageID' % security.WSA)
    if 'foreign' in mode:
        related = 'urn:other'
    header = '' if related is None else '<a:RelatesTo xmlns:a="%s">%s</a:RelatesTo>' % (security.WSA, related)
    envelope = etree.fromstring('<s:Envelope xmlns:s="%s"><s:Header>%s</s:Header><s:Body>%s</s:Body></s:Envelope>' % (SOAP, header, body))
    if 'plain' not in mode:
        security.sign(envelope, folder, 'gateway' if 'stranger' in mode else 'host', 'embedded' in mode)
    text = etree.tostring(envelope)
    if 'tampered' in mode:
        text = text.replace(b'Anna', b'Eve!')
    if 'replayed' in mode:
        text = kept.setdefault(path, text)
    return text


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        mode = self.path.strip('/').split('-')
        status, text = 200, b''
        try:
            envelope = etree.fromstring(body)
            security.decrypt(envelope, folder)
            security.verify(envelope, folder)
            security.check_username(envelope)
            assert b'<ID>A1</ID>' in etree.tostring(envelope) and (b'<ID>A1</ID>' in body) != ('encrypted' in mode)
            text = reply(envelope, self.path, mode)
        except Exception as e:
            status, text = 400, ('refused: %r' % e).encode()
            print(repr(e), file=sys.stderr)
        if 'fault' in mode:
            status = 500
        self.send_response(status)
        self.send_header('Content-Type', 'text/xml; charset=utf-8')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()  # ends with the test
