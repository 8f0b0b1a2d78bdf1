/* SPDX-License-Identifier: Apache-2.0
 * Messages by callback: MQCB registers, MQCTL starts a thread that calls. */
#include "mqi.h"

typedef struct {
	int used, conn, object, running, suspended;
	MQCBD cbd;
	MQMD md;
	MQGMO gmo;
} Callback;

typedef void (*Function)(MQHCONN, MQMD *, MQGMO *, PMQVOID, MQCBC *);

static Callback callbacks[CONNS][CALLBACKS];

static MQHCONN handle_of(Conn *c) { return c->generation * CONNS + mqi_index(c); }

/* call runs a callback without the lock. */
static void call(Conn *c, Callback *b, int type, int reason, MQMD *md, MQGMO *gmo, void *body, int length)
{
	MQCBC cbc = {.Version = MQCBC_VERSION_2, .CallType = type, .Hobj = b->object, .CallbackArea = b->cbd.CallbackArea};
	memcpy(cbc.StrucId, "CBC ", 4);
	cbc.CompCode = reason ? MQCC_FAILED : MQCC_OK;
	cbc.Reason = reason;
	cbc.DataLength = cbc.BufferLength = length;
	b->running = 1;
	Function f = (Function)b->cbd.CallbackFunction;
	MQHCONN h = handle_of(c);
	mqi_unlock();
	f(h, md, gmo, body, &cbc);
	mqi_lock();
	b->running = 0;
	mqi_changed();
}

static void event(Conn *c, int reason)
{
	Callback *list = callbacks[mqi_index(c)];
	for (int i = 0; i < CALLBACKS; i++)
		if (list[i].used)
			call(c, &list[i], MQCBCT_EVENT_CALL, reason, NULL, NULL, NULL, 0);
}

static int deliver(Conn *c, Callback *b, void *body)
{
	MQLONG cc, rc, length = 0;
	MQMD md = b->md;
	MQGMO gmo = b->gmo;
	Object *o = mqi_object(c, b->object);
	if (!o)
		return 0;
	mqi_get(c, o, &md, &gmo, BODY, body, &length, &cc, &rc, 0);
	if (cc == MQCC_FAILED)
		return 0;
	call(c, b, gmo.Options & MQGMO_SYNCPOINT ? MQCBCT_MSG_REMOVED : MQCBCT_MSG_REMOVED, 0, &md, &gmo, body, length);
	return 1;
}

static void *consume(void *p)
{
	Conn *c = p;
	Callback *list = callbacks[mqi_index(c)];
	void *body = malloc(BODY);
	int told = 0;
	mqi_lock();
	while (!c->stopping) {
		int reason = c->broken ? MQRC_CONNECTION_BROKEN : S->quiescing ? MQRC_Q_MGR_QUIESCING : 0, done = 0;
		if (reason && !told) {
			told = 1;
			event(c, reason);
		}
		for (int i = 0; i < CALLBACKS && !reason && !c->suspended && !c->stopping; i++)
			if (list[i].used && list[i].object > 0 && !list[i].suspended)
				done |= deliver(c, &list[i], body);
		if (!done && !c->stopping)
			mqi_wait(mqi_now() + 1000);
	}
	c->consuming = 0;
	mqi_changed();
	mqi_unlock();
	free(body);
	return NULL;
}

/* mqi_stop_consumer waits for a running callback, unless it is the one that asks. */
void mqi_stop_consumer(Conn *c)
{
	c->stopping = 1;
	mqi_changed();
	while (c->consuming && !pthread_equal(c->consumer, pthread_self()))
		mqi_wait(0);
	c->started = 0;
}

void mqi_forget_callbacks(int conn) { memset(callbacks[conn], 0, sizeof callbacks[conn]); }

static Callback *find(int conn, MQHOBJ object)
{
	for (int i = 0; i < CALLBACKS; i++)
		if (callbacks[conn][i].used && callbacks[conn][i].object == object)
			return &callbacks[conn][i];
	return NULL;
}

static int registered(Conn *c, PMQVOID cbd, MQHOBJ object, PMQVOID md, PMQVOID gmo)
{
	Callback *b = find(mqi_index(c), object);
	for (int i = 0; !b && i < CALLBACKS; i++)
		if (!callbacks[mqi_index(c)][i].used)
			b = &callbacks[mqi_index(c)][i];
	if (!b)
		return MQRC_HANDLE_NOT_AVAILABLE;
	memset(b, 0, sizeof *b);
	b->used = 1;
	b->conn = mqi_index(c);
	b->object = object;
	b->cbd = *(MQCBD *)cbd;
	if (md)
		memcpy(&b->md, md, ((MQMD *)md)->Version >= 2 ? MQMD_LENGTH_2 : MQMD_LENGTH_1);
	if (gmo)
		b->gmo = *(MQGMO *)gmo; /* mq-golang always gives the whole structure */
	return 0;
}

void MQCB(MQHCONN h, MQLONG operation, PMQVOID cbd, MQHOBJ object, PMQVOID md, PMQVOID gmo, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, "MQCB", -1, cc, rc);
	if (!c)
		return;
	Callback *b = find(mqi_index(c), object);
	int reason = 0;
	if (operation & MQOP_REGISTER)
		reason = registered(c, cbd, object, md, gmo);
	else if (!b)
		reason = MQRC_CALLBACK_NOT_REGISTERED;
	else if (operation & MQOP_SUSPEND || operation & MQOP_RESUME)
		b->suspended = (operation & MQOP_SUSPEND) != 0;
	else {
		while (b->running && !pthread_equal(c->consumer, pthread_self()))
			mqi_wait(0);
		b->used = 0;
	}
	if (reason)
		mqi_result(cc, rc, MQCC_FAILED, reason);
	mqi_leave(c, cc, rc);
}

static int start(Conn *c)
{
	if (c->started)
		return MQRC_HCONN_ASYNC_ACTIVE;
	c->started = c->consuming = 1;
	c->stopping = c->suspended = 0;
	if (pthread_create(&c->consumer, NULL, consume, c)) {
		c->started = c->consuming = 0;
		return MQRC_RESOURCE_PROBLEM;
	}
	pthread_detach(c->consumer);
	return 0;
}

void MQCTL(MQHCONN h, MQLONG operation, PMQVOID options, PMQLONG cc, PMQLONG rc)
{
	(void)options;
	Conn *c = mqi_enter(h, "MQCTL", -1, cc, rc);
	if (!c)
		return;
	int reason = 0;
	if (operation == MQOP_START)
		reason = start(c);
	else if (operation == MQOP_STOP)
		mqi_stop_consumer(c);
	else if (operation == MQOP_SUSPEND || operation == MQOP_RESUME)
		c->suspended = operation == MQOP_SUSPEND;
	else
		reason = MQRC_OPERATION_NOT_ALLOWED;
	if (reason)
		mqi_result(cc, rc, MQCC_FAILED, reason);
	mqi_leave(c, cc, rc);
}
