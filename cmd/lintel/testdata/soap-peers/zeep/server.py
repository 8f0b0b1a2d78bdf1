# SPDX-License-Identifier: Apache-2.0
# Names in SOAP 1.1, secured by zeep and the Python binding of xmlsec: server.py FOLDER, which has host.pem, host.key
# and gateway.pem. Prints its port. What a request must be and what its reply is depends on the path.
import base64, http.server, sys, threading
from datetime import datetime, timedelta
import xmlsec
from lxml import etree
from zeep.wsse import signature, username, utils

folder = sys.argv[1] + '/'
SOAP, WSU = 'http://schemas.xmlsoap.org/soap/envelope/', utils.NSMAP['wsu']
WSSE, WSA = utils.NSMAP['wsse'], 'http://www.w3.org/2005/08/addressing'
ENC, DS = 'http://www.w3.org/2001/04/xmlenc#', 'http://www.w3.org/2000/09/xmldsig#'
FORM = '%Y-%m-%dT%H:%M:%S.%fZ'
kept = {}


def decrypt(envelope):
    key = envelope.find('.//{%s}EncryptedKey' % ENC)
    if key is None:
        return
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_file(folder + 'host.key', xmlsec.KeyFormat.PEM))
    ctx = xmlsec.EncryptionContext(manager)
    secret = xmlsec.Key.from_binary_data(xmlsec.KeyData.AES, ctx.decrypt(key))
    ctx = xmlsec.EncryptionContext()
    ctx.key = secret
    ctx.decrypt(envelope.find('.//{%s}EncryptedData' % ENC))


class Raw:  # zeep takes a nonce as text only
    def __init__(self, value):
        self.value = value

    def encode(self, _):
        return self.value


def check_username(envelope):
    token = envelope.find('.//{%s}UsernameToken' % WSSE)
    nonce, created = token.findtext('{%s}Nonce' % WSSE), token.findtext('{%s}Created' % WSU)
    utils.get_timestamp = lambda *_: created
    again = username.UsernameToken('LINTEL', 'geheim', use_digest=True, nonce=Raw(base64.b64decode(nonce)), created=created)
    assert token.findtext('{%s}Username' % WSSE) == 'LINTEL'
    assert token.findtext('{%s}Password' % WSSE) == again._create_password_digest()[0].text


sign_node = signature._sign_node


def sign_related(ctx, sig, target, digest):  # zeep signs body and timestamp only
    sign_node(ctx, sig, target, digest)
    related = target.getroottree().find('.//{%s}RelatesTo' % WSA)
    if target.tag.endswith('}Body') and related is not None:
        sign_node(ctx, sig, related, digest)


signature._sign_node = sign_related


def reply(request, path, mode):
    body = '<n:GetNameResponse xmlns:n="urn:names"><Name>Anna</Name></n:GetNameResponse>'
    if 'fault' in mode:
        body = '<s:Fault><faultcode>s:Client</faultcode><faultstring>secret</faultstring></s:Fault>'
    related = request.findtext('.//{%s}MessageID' % WSA)
    if 'foreign' in mode:
        related = 'urn:other'
    header = '' if related is None else '<a:RelatesTo xmlns:a="%s">%s</a:RelatesTo>' % (WSA, related)
    envelope = etree.fromstring('<s:Envelope xmlns:s="%s"><s:Header>%s</s:Header><s:Body>%s</s:Body></s:Envelope>' % (SOAP, header, body))
    if 'plain' not in mode:
        now = datetime.utcnow()
        security = utils.get_security_header(envelope)
        stamp = utils.WSU('Timestamp', utils.WSU('Created', now.strftime(FORM)), utils.WSU('Expires', (now + timedelta(minutes=5)).strftime(FORM)))
        security.append(stamp)
        key, cert = folder + 'host.key', folder + 'host.pem'
        if 'stranger' in mode:
            key, cert = folder + 'gateway.key', folder + 'gateway.pem'
        sign = signature.Signature if 'embedded' in mode else signature.BinarySignature
        sign(key, cert, None, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256).apply(envelope, {})
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
            decrypt(envelope)
            signature.verify_envelope(envelope, folder + 'gateway.pem')
            check_username(envelope)
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
