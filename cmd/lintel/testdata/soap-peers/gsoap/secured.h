// SPDX-License-Identifier: Apache-2.0
#include "soapH.h"

// secure registers the plugin; how is digest or signed, the folder has host.key, host.pem and gateway.pem.
void secure(struct soap *soap, const char *how, const char *folder);

// expect_secured says what the next request must be.
void expect_secured(struct soap *soap);

// secured checks a request within its operation, and begins the security header of the reply.
int secured(struct soap *soap);
