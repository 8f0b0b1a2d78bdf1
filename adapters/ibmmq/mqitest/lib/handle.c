/* SPDX-License-Identifier: Apache-2.0
 * Message handles and their properties. They belong to one process; a message carries them as
 * records: name length, type, value length (4 bytes each), name, value. */
#include "mqi.h"

enum { HANDLES = 4096 };

typedef struct {
	int used, conn, length, at; /* at: where the next inquiry goes on */
	unsigned char *data;
} Handle;

static Handle handles[HANDLES];

static Handle *find(MQHMSG h) { return h > 0 && h <= HANDLES && handles[h - 1].used ? &handles[h - 1] : NULL; }

static int record(const unsigned char *p, int head[3])
{
	memcpy(head, p, 12);
	return 12 + head[0] + head[2];
}

int mqi_properties_out(MQHMSG h, unsigned char *to, int room)
{
	Handle *m = find(h);
	if (!m || m->length > room)
		return -1;
	memcpy(to, m->data, m->length);
	return m->length;
}

int mqi_properties_in(MQHMSG h, const unsigned char *from, int n)
{
	Handle *m = find(h);
	if (!m)
		return -1;
	memcpy(m->data, from, n);
	m->length = n;
	m->at = 0;
	return 0;
}

void MQCRTMH(MQHCONN h, PMQVOID o, PMQHMSG handle, PMQLONG cc, PMQLONG rc)
{
	(void)o;
	Conn *c = mqi_enter(h, "MQCRTMH", -1, cc, rc);
	if (!c)
		return;
	mqi_result(cc, rc, MQCC_FAILED, MQRC_HANDLE_NOT_AVAILABLE);
	for (int i = 0; i < HANDLES; i++) {
		if (handles[i].used)
			continue;
		handles[i] = (Handle){1, h, 0, 0, malloc(PROPS)};
		*handle = i + 1;
		mqi_result(cc, rc, MQCC_OK, MQRC_NONE);
		break;
	}
	mqi_leave(c, cc, rc);
}

void MQDLTMH(MQHCONN h, PMQHMSG handle, PMQVOID o, PMQLONG cc, PMQLONG rc)
{
	(void)o;
	Conn *c = mqi_enter(h, "MQDLTMH", -1, cc, rc);
	if (!c)
		return;
	Handle *m = find(*handle);
	if (!m) {
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HMSG_ERROR);
	} else {
		free(m->data);
		m->used = 0;
		*handle = MQHM_UNUSABLE_HMSG;
	}
	mqi_leave(c, cc, rc);
}

static int named(const unsigned char *p, int head[3], MQCHARV *name) { return head[0] == name->VSLength && !memcmp(p + 12, name->VSPtr, head[0]); }

/* cut removes a property; 0 if there was none. */
static int cut(Handle *m, MQCHARV *name)
{
	int head[3];
	for (int at = 0; at < m->length;) {
		int n = record(m->data + at, head);
		if (named(m->data + at, head, name)) {
			memmove(m->data + at, m->data + at + n, m->length - at - n);
			m->length -= n;
			return 1;
		}
		at += n;
	}
	return 0;
}

void MQSETMP(MQHCONN h, MQHMSG handle, PMQVOID o, PMQVOID pname, PMQVOID d, MQLONG type, MQLONG length, PMQVOID value, PMQLONG cc, PMQLONG rc)
{
	(void)o;
	(void)d;
	Conn *c = mqi_enter(h, "MQSETMP", -1, cc, rc);
	if (!c)
		return;
	Handle *m = find(handle);
	MQCHARV *name = pname;
	int head[3] = {name->VSLength, type, length};
	if (!m) {
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HMSG_ERROR);
	} else if (name->VSLength <= 0) {
		mqi_result(cc, rc, MQCC_FAILED, MQRC_PROPERTY_NAME_ERROR);
	} else if (m->length + 12 + head[0] + head[2] > PROPS) {
		mqi_result(cc, rc, MQCC_FAILED, MQRC_PROPERTIES_TOO_BIG);
	} else {
		cut(m, name);
		unsigned char *p = m->data + m->length;
		memcpy(p, head, 12);
		memcpy(p + 12, name->VSPtr, head[0]);
		if (length)
			memcpy(p + 12 + head[0], value, length);
		m->length += 12 + head[0] + head[2];
	}
	mqi_leave(c, cc, rc);
}

void MQDLTMP(MQHCONN h, MQHMSG handle, PMQVOID o, PMQVOID name, PMQLONG cc, PMQLONG rc)
{
	(void)o;
	Conn *c = mqi_enter(h, "MQDLTMP", -1, cc, rc);
	if (!c)
		return;
	Handle *m = find(handle);
	if (!m)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HMSG_ERROR);
	else if (!cut(m, name))
		mqi_result(cc, rc, MQCC_WARNING, MQRC_PROPERTY_NOT_AVAILABLE);
	mqi_leave(c, cc, rc);
}

/* seek finds the record that an inquiry is about, or -1. A name may end in %. */
static int seek(Handle *m, MQIMPO *o, MQCHARV *name)
{
	const char *text = name->VSPtr;
	int head[3], n = name->VSLength, any = n > 0 && text[n - 1] == '%';
	int at = o->Options & MQIMPO_INQ_NEXT ? m->at : 0;
	while (at < m->length) {
		int size = record(m->data + at, head);
		if (any ? head[0] >= n - 1 && !memcmp(m->data + at + 12, text, n - 1) : named(m->data + at, head, name)) {
			m->at = at + size;
			return at;
		}
		at += size;
	}
	return -1;
}

void MQINQMP(MQHCONN h, MQHMSG handle, PMQVOID po, PMQVOID pname, PMQVOID d, PMQLONG type, MQLONG room, PMQVOID value, PMQLONG length, PMQLONG cc, PMQLONG rc)
{
	(void)d;
	Conn *c = mqi_enter(h, "MQINQMP", -1, cc, rc);
	if (!c)
		return;
	Handle *m = find(handle);
	MQIMPO *o = po;
	int head[3], at = m ? seek(m, o, pname) : -1;
	if (at < 0) {
		mqi_result(cc, rc, MQCC_FAILED, m ? MQRC_PROPERTY_NOT_AVAILABLE : MQRC_HMSG_ERROR);
		mqi_leave(c, cc, rc);
		return;
	}
	record(m->data + at, head);
	*type = head[1];
	*length = head[2];
	if (head[2] > room)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_PROPERTY_VALUE_TOO_BIG);
	else
		memcpy(value, m->data + at + 12 + head[0], head[2]);
	if (o->ReturnedName.VSPtr && o->ReturnedName.VSBufSize >= head[0]) {
		memcpy(o->ReturnedName.VSPtr, m->data + at + 12, head[0]);
		o->ReturnedName.VSLength = head[0];
	}
	mqi_leave(c, cc, rc);
}
