# SPDX-License-Identifier: Apache-2.0
# WS-Security by zeep and the Python binding of xmlsec, for servers: what requests must be, and how replies are signed.
import base64
from datetime import datetime, timedelta
import xmlsec
from zeep.wsse import signature, username, utils

WSU, WSSE = utils.NSMAP['wsu'], utils.NSMAP['wsse']
ENC, WSA = 'http://www.w3.org/2001/04/xmlenc#', 'http://www.w3.org/2005/08/addressing'
FORM = '%Y-%m-%dT%H:%M:%S.%fZ'


def decrypt(envelope, folder):
    """Decrypts what is encrypted for host.key; false if nothing is."""
    key = envelope.find('.//{%s}EncryptedKey' % ENC)
    if key is None:
        return False
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_file(folder + 'host.key', xmlsec.KeyFormat.PEM))
    ctx = xmlsec.EncryptionContext(manager)
    secret = xmlsec.Key.from_binary_data(xmlsec.KeyData.AES, ctx.decrypt(key))
    ctx = xmlsec.EncryptionContext()
    ctx.key = secret
    ctx.decrypt(envelope.find('.//{%s}EncryptedData' % ENC))
    return True


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


def verify(envelope, folder):
    signature.verify_envelope(envelope, folder + 'gateway.pem')


sign_node = signature._sign_node


def sign_related(ctx, sig, target, digest):  # zeep signs body and timestamp only
    sign_node(ctx, sig, target, digest)
    related = target.getroottree().find('.//{%s}RelatesTo' % WSA)
    if target.tag.endswith('}Body') and related is not None:
        sign_node(ctx, sig, related, digest)


signature._sign_node = sign_related


def sign(envelope, folder, who='host', embedded=False):
    now = datetime.utcnow()
    security = utils.get_security_header(envelope)
    stamp = utils.WSU('Timestamp', utils.WSU('Created', now.strftime(FORM)), utils.WSU('Expires', (now + timedelta(minutes=5)).strftime(FORM)))
    security.append(stamp)
    by = signature.Signature if embedded else signature.BinarySignature
    by(folder + who + '.key', folder + who + '.pem', None, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256).apply(envelope, {})
