// SPDX-License-Identifier: Apache-2.0
// What the archive checks and writes of WS-Security, by the wsse plugin of gSOAP.
#include "secured.h"
#include "plugin/wsseapi.h"
#include <openssl/pem.h>

static const char *mode = "";
static X509 *own;
static EVP_PKEY *key;

static FILE *in_folder(const char *folder, const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "r");
  if (!f) {
    perror(path);
    exit(1);
  }
  return f;
}

static X509 *certificate(const char *folder, const char *name) {
  FILE *f = in_folder(folder, name);
  X509 *c = PEM_read_X509(f, NULL, NULL, NULL);
  fclose(f);
  return c;
}

void secure(struct soap *soap, const char *how, const char *folder) {
  mode = how;
  own = certificate(folder, "host.pem");
  FILE *f = in_folder(folder, "host.key");
  key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
  fclose(f);
  char *authorities = malloc(strlen(folder) + 20);
  sprintf(authorities, "%s/gateway.pem", folder);
  soap->cafile = authorities;
  soap_register_plugin(soap, soap_wsse);
}

void expect_secured(struct soap *soap) {
  if (!strcmp(mode, "signed"))
    soap_wsse_verify_auto(soap, SOAP_SMD_NONE, NULL, 0); // with the certificate of the request, which cafile has
}

// secured checks the request, and begins the security header of its reply.
int secured(struct soap *soap) {
  if (!*mode)
    return SOAP_OK;
  const char *user = soap_wsse_get_Username(soap);
  if (!user || strcmp(user, "LINTEL") || soap_wsse_verify_Password(soap, "geheim"))
    return soap->error ? soap->error : soap_wsse_fault(soap, wsse__FailedAuthentication, NULL);
  if (!strcmp(mode, "digest")) {
    soap_wsse_delete_Security(soap);
    return SOAP_OK;
  }
  if (soap_wsse_verify_Timestamp(soap) || soap_wsse_verify_body(soap))
    return soap->error;
  soap_wsse_delete_Security(soap);
  if (soap_wsse_add_Timestamp(soap, "Time", 60))
    return soap->error;
  if (soap_wsse_add_BinarySecurityTokenX509(soap, "X509Token", own) || soap_wsse_add_KeyInfo_SecurityTokenReferenceX509(soap, "#X509Token") ||
      soap_wsse_sign_body(soap, SOAP_SMD_SIGN_RSA_SHA256, key, 0))
    return soap->error;
  return SOAP_OK;
}
