// SPDX-License-Identifier: Apache-2.0
//
// An OpenID provider for tests: node server.js PORT CERTIFICATE KEY KEYSET. It gives tokens to clients that
// show their secret (client credentials, RFC 6749, 4.4), as JWTs for the resource they name (RFC 8707, RFC 9068).

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import Provider from 'oidc-provider'

const [port, cert, key, keys] = process.argv.slice(2)

const audiences = { 'https://bank.example/api': 'bank-api', 'https://other.example/api': 'other-api' }

function start(listening) {
  const issuer = `https://127.0.0.1:${listening.address().port}`
  const provider = new Provider(issuer, {
    jwks: JSON.parse(readFileSync(keys, 'utf8')),
    clients: [{
      client_id: 'teller-desk', client_secret: 'secret-of-the-teller-desk', grant_types: ['client_credentials'],
      redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256',
    }],
    cookies: { keys: ['not used by the tests'] },
    scopes: ['accounts:read', 'accounts:write'],
    ttl: { ClientCredentials: 300 },
    extraTokenClaims: () => ({ tenant: 'retail', customers: ['4711'], realm: { roles: ['customer'] } }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          audience: audiences[resource], scope: 'accounts:read accounts:write', accessTokenFormat: 'jwt',
          accessTokenTTL: 300, jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
  listening.on('request', provider.callback())
  console.log(issuer)
}

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) })
server.listen(Number(port), '127.0.0.1', () => start(server))
