// SPDX-License-Identifier: Apache-2.0
// A claims service on node-soap: node server.js FOLDER-OF-WSDL FOLDER-OF-KEYS. Prints its port.
const http = require('http'), fs = require('fs'), path = require('path'), soap = require('soap');
const { SignedXml } = require('xml-crypto'), { DOMParser } = require('@xmldom/xmldom'); // node-soap brings them
const [folder, keys] = process.argv.slice(2);
const TYPES = 'urn:example:claims:types';

function fault(code, text, detail) {
  return { Fault: { faultcode: code, faultstring: text, detail: detail, statusCode: 500 } };
}

// node-soap puts the elements of an imported schema into the namespace of the one that imports it, and does
// not bind xsi: both are written out here.
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const claim = (id) => ({
  attributes: { version: 3 },
  't:ClaimID': id, 't:Status': 'open', 't:Reported': '2026-01-02T03:04:05Z',
  't:Claimant': { attributes: { 'xsi:type': 't:Person', 'xmlns:xsi': XSI }, 't:Name': 'Anna & Söhne <Bau>', 't:Born': '1980-02-29' },
  't:Vehicle': { 't:Plate': 'M-AB 12' },
  't:Payment': [{ 't:On': '2026-01-03', 't:Amount': { attributes: { currency: 'EUR' }, $value: '1200.50' } }],
  't:Remark': { attributes: { 'xsi:nil': 'true', 'xmlns:xsi': XSI } },
  't:Tags': 'glass urgent',
});

const photos = [];

const service = { ClaimsService: { Claims: {
  GetClaim(args) {
    switch (args.ClaimID) {
      case 'C000404': throw fault('soap:Client', 'no claim', { 'c:ClaimNotFound': { attributes: { 'xmlns:c': 'urn:example:claims' }, 'c:ClaimID': 'C000404' } });
      case 'C000500': throw fault('soap:Server', 'out of order', { stack: 'secret' });
      case 'C000048': {
        const c = claim('C000048');
        return { Claim: {
          't:ClaimID': c['t:ClaimID'], 't:Status': 'closed', 't:Reported': c['t:Reported'], 't:Claimant': c['t:Claimant'],
          't:Property': { 't:Address': 'Hauptstr. 1' }, 't:Remark': '',
        } };
      }
    }
    return { Claim: claim(args.ClaimID) };
  },
  ListClaims(args) {
    return args.PolicyNumber === 'P-0001' ? { Claim: [{ 't:ClaimID': 'C000047', 't:Status': args.Status || 'closed' }] } : {};
  },
  AddPhoto(args) {
    if (args.ClaimID === 'C000404') throw fault('soap:Client', 'no claim', { 'c:ClaimNotFound': { attributes: { 'xmlns:c': 'urn:example:claims' }, 'c:ClaimID': 'C000404' } });
    photos.push(args);
    return { Number: photos.length };
  },
  GetPhoto(args) {
    const p = photos[args.Number - 1];
    return { Caption: p.Caption, Photo: p.Photo };
  },
  ReportClaim(args) {
    const all = [].concat(args.Attachment || []);
    const size = all.reduce((n, a) => n + Buffer.from(a.Content, 'base64').length, 0);
    if (args.PolicyNumber === 'P-0009') throw fault('soap:Client', 'expired', { 'c:PolicyExpired': { attributes: { 'xmlns:c': 'urn:example:claims' }, 'c:ExpiredOn': '2025-12-31' } });
    return { ClaimID: 'C000049', Handler: size + ' ' + (args.Vehicle ? 'vehicle' : 'property') };
  },
} } };

// node-soap hands over the security header; it verifies nothing by itself.
function named(security) {
  const token = security && security.UsernameToken;
  return !!token && token.Username === 'LINTEL' && token.Password.$value === soap.passwordDigest(token.Nonce.$value, token.Created, 'geheim');
}

let received = '';
function signed() {
  const found = new DOMParser().parseFromString(received, 'text/xml').getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature');
  if (found.length !== 1) return false;
  const check = new SignedXml({ idMode: 'wssecurity', publicCert: fs.readFileSync(path.join(keys, 'gateway.pem')), getCertFromKeyInfo: () => null });
  check.loadSignature(found[0]);
  return check.checkSignature(received) && check.getSignedReferences().some((part) => /^<[a-z]+:Body/.test(part));
}

const server = http.createServer((_, res) => { res.statusCode = 404; res.end(); });
server.listen(0, '127.0.0.1', async () => {
  const listen = (at) => new Promise((ready) => {
    const one = soap.listen(server, {
      path: at, services: service, xml: fs.readFileSync(path.join(folder, 'claims.wsdl'), 'utf8'), uri: path.join(folder, 'claims.wsdl'),
      attributesKey: 'attributes', callback: () => setImmediate(() => ready(one)),
    });
  });
  await listen('/claims');
  (await listen('/digest')).authenticate = named;
  const both = await listen('/signed');
  both.log = (type, data) => { if (type === 'received') received = data; };
  both.authenticate = (security) => named(security) && signed();
  console.log(server.address().port);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0)); // ends with the test
