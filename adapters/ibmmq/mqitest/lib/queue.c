/* SPDX-License-Identifier: Apache-2.0
 * Queues, handles to them, and units of work. */
#include "mqi.h"

void mqi_name(char *to, const char *from, int n)
{
	int k = 0;
	while (k < n && from[k])
		k++;
	while (k > 0 && from[k - 1] == ' ')
		k--;
	memcpy(to, from, k);
	to[k] = 0;
}

void mqi_blank(char *to, const char *from, int n)
{
	int k = (int)strnlen(from, n);
	memmove(to, from, k);
	memset(to + k, ' ', n - k);
}

int mqi_find(const char *name)
{
	for (int i = 0; i < QUEUES; i++)
		if (S->queues[i].used && !strcmp(S->queues[i].name, name))
			return i;
	return -1;
}

int mqi_define(const char *name)
{
	for (int i = 0; i < QUEUES; i++) {
		Queue *q = &S->queues[i];
		if (q->used)
			continue;
		memset(q, 0, sizeof *q);
		q->used = 1;
		snprintf(q->name, sizeof q->name, "%s", name);
		q->definition = MQQDT_PREDEFINED;
		q->maxDepth = 5000;
		q->maxLength = BODY;
		q->head = q->tail = q->creator = -1;
		return i;
	}
	return -1;
}

int mqi_new(int length)
{
	int i = S->freeMessage;
	if (i >= 0)
		S->freeMessage = S->messages[i].next;
	else if (S->usedMessages < MESSAGES)
		i = S->usedMessages++;
	else
		return -1;
	Message *m = &S->messages[i];
	memset(m, 0, sizeof *m);
	m->used = 1;
	m->length = length;
	m->next = m->prev = m->queue = m->conn = -1;
	return i;
}

void mqi_free(int i)
{
	Message *m = &S->messages[i];
	if (m->queue >= 0) {
		Queue *q = &S->queues[m->queue];
		*(m->prev >= 0 ? &S->messages[m->prev].next : &q->head) = m->next;
		*(m->next >= 0 ? &S->messages[m->next].prev : &q->tail) = m->prev;
		q->depth--;
	}
	m->used = 0;
	m->next = S->freeMessage;
	S->freeMessage = i;
}

/* mqi_append puts a message behind the last one of its priority or a higher one. */
void mqi_append(int queue, int i)
{
	Queue *q = &S->queues[queue];
	Message *m = &S->messages[i];
	m->queue = queue;
	m->id = ++S->sequence;
	int after = q->tail;
	while (after >= 0 && S->messages[after].md.Priority < m->md.Priority)
		after = S->messages[after].prev;
	m->prev = after;
	m->next = after >= 0 ? S->messages[after].next : q->head;
	*(m->prev >= 0 ? &S->messages[m->prev].next : &q->head) = i;
	*(m->next >= 0 ? &S->messages[m->next].prev : &q->tail) = i;
	q->depth++;
	mqi_changed();
}

void mqi_clear(int queue)
{
	while (S->queues[queue].head >= 0)
		mqi_free(S->queues[queue].head);
}

void mqi_drop(int queue)
{
	mqi_clear(queue);
	S->queues[queue].used = 0;
	mqi_changed();
}

/* mqi_settle commits or backs out what a connection did in syncpoint. */
void mqi_settle(Conn *c, int commit)
{
	for (int i = 0; i < S->usedMessages; i++) {
		Message *m = &S->messages[i];
		if (!m->used || m->state == COMMITTED || m->conn != mqi_index(c))
			continue;
		if (m->state == PUT_PENDING && commit) {
			m->state = COMMITTED;
		} else if (m->state == GOT_PENDING && !commit) {
			m->state = COMMITTED;
			m->md.BackoutCount++;
		} else {
			if (m->state == GOT_PENDING && m->md.Report & MQRO_COD)
				mqi_report(m, MQFB_COD);
			mqi_free(i);
		}
	}
	mqi_changed();
}

Object *mqi_object(Conn *c, MQHOBJ h)
{
	if (h < 1 || h > OBJECTS)
		return NULL;
	Object *o = &S->objects[h - 1];
	return o->used && o->conn == mqi_index(c) ? o : NULL;
}

/* mqi_queue is the queue of a handle, for faults; the lock is not held. */
int mqi_queue(MQHOBJ h)
{
	mqi_lock();
	int q = h >= 1 && h <= OBJECTS && S->objects[h - 1].used ? S->objects[h - 1].queue : -1;
	mqi_unlock();
	return q;
}

enum { INPUT = MQOO_INPUT_AS_Q_DEF | MQOO_INPUT_SHARED | MQOO_INPUT_EXCLUSIVE };

void mqi_close(int i)
{
	Object *o = &S->objects[i];
	o->used = 0;
	if (o->queue < 0)
		return;
	Queue *q = &S->queues[o->queue];
	if (o->options & INPUT)
		q->inputs--;
	if (o->options & MQOO_INPUT_EXCLUSIVE)
		q->exclusive = 0;
	if (o->options & MQOO_OUTPUT)
		q->outputs--;
	if (q->creator == i && q->definition == MQQDT_TEMPORARY_DYNAMIC)
		mqi_drop(o->queue);
}

/* dynamic makes a queue from a model; a name that ends in * is made whole. */
static int dynamic(int model, MQOD *od)
{
	char name[49];
	mqi_name(name, od->DynamicQName, 48);
	size_t n = strlen(name);
	if (n > 33)
		n = 33;
	if (n && strchr(name, '*')) {
		n = strchr(name, '*') - name;
		snprintf(name + n, sizeof name - n, "%012llX", ++S->sequence);
	}
	if (!n || mqi_find(name) >= 0)
		return -1;
	int q = mqi_define(name);
	if (q < 0)
		return -1;
	S->queues[q].definition = S->queues[model].definition;
	S->queues[q].maxDepth = S->queues[model].maxDepth;
	mqi_blank(od->ObjectName, name, 48);
	return q;
}

static int open_queue(MQOD *od, int options, int *made)
{
	char name[49];
	mqi_name(name, od->ObjectName, 48);
	if (!strcmp(name, "LINTEL.CONTROL"))
		return CONTROL_QUEUE;
	int q = mqi_find(name);
	*made = 0;
	if (q >= 0 && S->queues[q].model) {
		*made = 1;
		return dynamic(q, od);
	}
	if (q >= 0 && options & INPUT && (S->queues[q].exclusive || (options & MQOO_INPUT_EXCLUSIVE && S->queues[q].inputs)))
		return -MQRC_OBJECT_IN_USE;
	return q;
}

static void opened(Object *o, int made)
{
	if (o->queue < 0)
		return;
	Queue *q = &S->queues[o->queue];
	if (o->options & INPUT)
		q->inputs++;
	if (o->options & MQOO_INPUT_EXCLUSIVE)
		q->exclusive = 1;
	if (o->options & MQOO_OUTPUT)
		q->outputs++;
	if (made)
		q->creator = (int)(o - S->objects);
}

static int open_object(Conn *c, MQOD *od, int options, PMQHOBJ h)
{
	if (S->quiescing && options & MQOO_FAIL_IF_QUIESCING)
		return MQRC_Q_MGR_QUIESCING;
	int made = 0, q = od->ObjectType == MQOT_Q_MGR ? MANAGER : open_queue(od, options, &made);
	if (q == -MQRC_OBJECT_IN_USE)
		return MQRC_OBJECT_IN_USE;
	if (q == -1)
		return MQRC_UNKNOWN_OBJECT_NAME;
	for (int i = 0; i < OBJECTS; i++) {
		if (S->objects[i].used)
			continue;
		S->objects[i] = (Object){1, mqi_index(c), q, options, 0};
		opened(&S->objects[i], made);
		*h = i + 1;
		return 0;
	}
	return MQRC_HANDLE_NOT_AVAILABLE;
}

void MQOPEN(MQHCONN h, PMQVOID d, MQLONG options, PMQHOBJ handle, PMQLONG cc, PMQLONG rc)
{
	char name[49];
	MQOD *od = d;
	mqi_name(name, od->ObjectName, 48);
	mqi_lock();
	int q = mqi_find(name);
	mqi_unlock();
	Conn *c = mqi_enter(h, "MQOPEN", q, cc, rc);
	if (!c)
		return;
	int reason = options & MQOO_INQUIRE ? mqi_fault(c, "INQUIRE", q) : 0;
	if (!reason)
		reason = open_object(c, od, options, handle);
	if (reason)
		mqi_result(cc, rc, MQCC_FAILED, reason);
	mqi_leave(c, cc, rc);
}

void MQCLOSE(MQHCONN h, PMQHOBJ handle, MQLONG options, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, "MQCLOSE", -1, cc, rc);
	if (!c)
		return;
	Object *o = mqi_object(c, *handle);
	if (!o) {
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HOBJ_ERROR);
	} else {
		int q = o->queue;
		mqi_close((int)(o - S->objects));
		if (q >= 0 && options & (MQCO_DELETE | MQCO_DELETE_PURGE) && S->queues[q].used && S->queues[q].definition == MQQDT_PERMANENT_DYNAMIC)
			mqi_drop(q);
		*handle = MQHO_UNUSABLE_HOBJ;
	}
	mqi_leave(c, cc, rc);
}

static int whole(Queue *q, int selector)
{
	switch (selector) {
	case MQIA_CURRENT_Q_DEPTH: return q->depth;
	case MQIA_MAX_Q_DEPTH: return q->maxDepth;
	case MQIA_MAX_MSG_LENGTH: return q->maxLength;
	case MQIA_BACKOUT_THRESHOLD: return q->backoutThreshold;
	case MQIA_INHIBIT_PUT: return q->putInhibited;
	case MQIA_INHIBIT_GET: return q->getInhibited;
	case MQIA_DEF_PERSISTENCE: return q->persistence;
	case MQIA_DEF_PRIORITY: return q->priority;
	case MQIA_DEFINITION_TYPE: return q->definition;
	case MQIA_OPEN_INPUT_COUNT: return q->inputs;
	case MQIA_OPEN_OUTPUT_COUNT: return q->outputs;
	case MQIA_Q_TYPE: return MQQT_LOCAL;
	default: return MQIAV_NOT_APPLICABLE;
	}
}

static int manager(int selector)
{
	switch (selector) {
	case MQIA_CODED_CHAR_SET_ID: return S->ccsid;
	case MQIA_PLATFORM: return MQPL_UNIX;
	case MQIA_COMMAND_LEVEL: return MQCMDL_CURRENT_LEVEL;
	case MQIA_SYNCPOINT: return MQSP_AVAILABLE;
	case MQIA_MAX_MSG_LENGTH: return BODY;
	default: return MQIAV_NOT_APPLICABLE;
	}
}

void MQINQ(MQHCONN h, MQHOBJ handle, MQLONG n, PMQLONG selectors, MQLONG ints, PMQLONG values, MQLONG chars, PMQCHAR text, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, "MQINQ", mqi_queue(handle), cc, rc);
	if (!c)
		return;
	Object *o = mqi_object(c, handle);
	int i = 0, k = 0;
	if (!o || o->queue == CONTROL_QUEUE)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HOBJ_ERROR);
	else if (!(o->options & MQOO_INQUIRE))
		mqi_result(cc, rc, MQCC_FAILED, MQRC_NOT_OPEN_FOR_INQUIRE);
	for (int s = 0; s < n && !*cc; s++) {
		if (selectors[s] >= MQIA_FIRST && selectors[s] <= MQIA_LAST) {
			if (i >= ints)
				mqi_result(cc, rc, MQCC_WARNING, MQRC_INT_ATTR_COUNT_TOO_SMALL);
			else
				values[i++] = o->queue == MANAGER ? manager(selectors[s]) : whole(&S->queues[o->queue], selectors[s]);
			continue;
		}
		const char *v = o->queue == MANAGER ? "STANDIN" : selectors[s] == MQCA_BACKOUT_REQ_Q_NAME ? S->queues[o->queue].backoutQueue : S->queues[o->queue].name;
		if (selectors[s] == MQCA_DEAD_LETTER_Q_NAME)
			v = "SYSTEM.DEAD.LETTER.QUEUE";
		if (k + 48 > chars)
			mqi_result(cc, rc, MQCC_WARNING, MQRC_CHAR_ATTRS_TOO_SHORT);
		else
			mqi_blank(text + k, v, 48);
		k += 48;
	}
	mqi_leave(c, cc, rc);
}

void MQSET(MQHCONN h, MQHOBJ handle, MQLONG n, PMQLONG selectors, MQLONG ints, PMQLONG values, MQLONG chars, PMQCHAR text, PMQLONG cc, PMQLONG rc)
{
	(void)chars;
	(void)text;
	Conn *c = mqi_enter(h, "MQSET", mqi_queue(handle), cc, rc);
	if (!c)
		return;
	Object *o = mqi_object(c, handle);
	if (!o || o->queue < 0)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HOBJ_ERROR);
	else if (!(o->options & MQOO_SET))
		mqi_result(cc, rc, MQCC_FAILED, MQRC_NOT_OPEN_FOR_SET);
	for (int i = 0; i < n && i < ints && !*cc; i++) {
		if (selectors[i] == MQIA_INHIBIT_PUT)
			S->queues[o->queue].putInhibited = values[i];
		else if (selectors[i] == MQIA_INHIBIT_GET)
			S->queues[o->queue].getInhibited = values[i];
		else
			mqi_result(cc, rc, MQCC_FAILED, MQRC_SELECTOR_ERROR);
	}
	mqi_leave(c, cc, rc);
}
