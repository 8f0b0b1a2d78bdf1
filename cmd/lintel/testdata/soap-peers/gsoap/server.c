// SPDX-License-Identifier: Apache-2.0
// An archive on gSOAP, with MTOM: ./server, or ./server MODE FOLDER with WS-Security. Prints its port; ends with its
// standard input.
#include "secured.h"
#include "Archive.nsmap"
#include <poll.h>
#include <unistd.h>

static unsigned char *pattern(struct soap *soap, int n) {
  unsigned char *p = (unsigned char *)soap_malloc(soap, n);
  for (int i = 0; p && i < n; i++)
    p[i] = (unsigned char)(i * 31);
  return p;
}

static void attach(struct soap *soap, struct xsd__base64Binary *b, unsigned char *p, int n) {
  b->__ptr = p;
  b->__size = n;
  b->type = soap->omode & SOAP_ENC_MTOM ? "image/png" : NULL;
}

int __ns1__GetDocument(struct soap *soap, struct _ns1__GetDocument *in, struct _ns1__GetDocumentResponse *out) {
  if (secured(soap))
    return soap->error;
  if (!strcmp(in->ID, "D404")) {
    struct _ns1__NoDocument *none = (struct _ns1__NoDocument *)soap_malloc(soap, sizeof(*none));
    soap_default__ns1__NoDocument(soap, none);
    none->ID = in->ID;
    soap_sender_fault(soap, "no document", NULL);
    soap->fault->SOAP_ENV__Detail = (struct SOAP_ENV__Detail *)soap_malloc(soap, sizeof(struct SOAP_ENV__Detail));
    soap_default_SOAP_ENV__Detail(soap, soap->fault->SOAP_ENV__Detail);
    soap->fault->SOAP_ENV__Detail->ns1__NoDocument = none;
    return SOAP_FAULT;
  }
  if (!strcmp(in->ID, "D500"))
    return soap_receiver_fault(soap, "secret", NULL);
  struct ns1__Document *d = (struct ns1__Document *)soap_malloc(soap, sizeof(*d));
  soap_default_ns1__Document(soap, d);
  out->Document = d;
  d->ID = in->ID;
  d->__union_Document = SOAP_UNION__ns1__union_Document_Pages;
  d->union_Document.Pages = 12;
  if (!strcmp(in->ID, "D2")) {
    d->Title = "";
    d->__union_Document = SOAP_UNION__ns1__union_Document_Reel;
    d->union_Document.Reel = "R7";
    return SOAP_OK;
  }
  if (!strcmp(in->ID, "D3")) {
    attach(soap, &d->Content, pattern(soap, 1 << 20), 1 << 20);
    return SOAP_OK;
  }
  d->__sizeTag = 1;
  d->Tag = (char **)soap_malloc(soap, sizeof(char *));
  d->Tag[0] = "A & B";
  attach(soap, &d->Content, (unsigned char *)"<x>\r\n--", 7);
  return SOAP_OK;
}

int __ns1__PutDocument(struct soap *soap, struct _ns1__PutDocument *in, struct _ns1__PutDocumentResponse *out) {
  if (secured(soap))
    return soap->error;
  int bad = 0;
  for (int i = 0; i < in->Content.__size; i++)
    bad += in->Content.__ptr[i] != (unsigned char)(i * 31);
  out->Size = bad ? -bad : in->Content.__size;
  return SOAP_OK;
}

int main(int argc, char **argv) {
  // Canonical output, which signatures need, loses the href of xop:Include.
  int form = argc > 2 && !strcmp(argv[1], "signed") ? SOAP_XML_CANONICAL : SOAP_ENC_MTOM;
  struct soap *soap = soap_new1(form | SOAP_IO_CHUNK);
  if (argc > 2)
    secure(soap, argv[1], argv[2]);
  soap->accept_timeout = 1;
  soap->recv_timeout = soap->send_timeout = 20;
  if (!soap_valid_socket(soap_bind(soap, "127.0.0.1", 0, 10)))
    return 1;
  struct sockaddr_in a;
  socklen_t n = sizeof a;
  if (getsockname(soap->master, (struct sockaddr *)&a, &n))
    return 1;
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd in = {0, POLLIN, 0};
    char c;
    if (poll(&in, 1, 0) > 0 && read(0, &c, 1) <= 0)
      return 0;
    if (!soap_valid_socket(soap_accept(soap)))
      continue; // nobody came within a second
    expect_secured(soap);
    soap_serve(soap);
    soap_destroy(soap);
    soap_end(soap);
  }
}
