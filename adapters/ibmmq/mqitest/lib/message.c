/* SPDX-License-Identifier: Apache-2.0
 * Putting and getting messages. */
#include "mqi.h"

static size_t md_size(MQMD *md) { return md->Version >= MQMD_VERSION_2 ? MQMD_LENGTH_2 : MQMD_LENGTH_1; }

static int zero(const MQBYTE *id)
{
	for (int i = 0; i < 24; i++)
		if (id[i])
			return 0;
	return 1;
}

static void new_id(MQBYTE *id)
{
	memset(id, 0, 24);
	snprintf((char *)id, 24, "AMQ STANDIN %010llX", ++S->sequence);
}

static void stamp(MQMD *md, Conn *c)
{
	struct timespec t;
	struct tm u;
	char text[24];
	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &u);
	strftime(text, sizeof text, "%Y%m%d%H%M%S", &u);
	memcpy(md->PutDate, text, 8);
	snprintf(text + 14, 3, "%02d", (int)(t.tv_nsec / 10000000));
	memcpy(md->PutTime, text + 8, 8);
	md->PutApplType = MQAT_UNIX;
	mqi_blank(md->PutApplName, c ? c->app : "", 28);
	memset(md->ApplOriginData, ' ', 4);
}

/* mqi_report answers the reply queue of a message with what became of it. */
void mqi_report(Message *m, int feedback)
{
	char name[49];
	mqi_name(name, m->md.ReplyToQ, 48);
	int q = mqi_find(name), i = q >= 0 && S->queues[q].depth < S->queues[q].maxDepth ? mqi_new(0) : -1;
	if (i < 0)
		return;
	Message *r = &S->messages[i];
	r->md = m->md;
	r->md.MsgType = MQMT_REPORT;
	r->md.Feedback = feedback;
	r->md.Expiry = MQEI_UNLIMITED;
	r->md.Report = 0;
	r->md.BackoutCount = 0;
	memset(r->md.ReplyToQ, ' ', 48);
	if (!(m->md.Report & MQRO_PASS_CORREL_ID))
		memcpy(r->md.CorrelId, m->md.MsgId, 24);
	if (!(m->md.Report & MQRO_PASS_MSG_ID))
		new_id(r->md.MsgId);
	stamp(&r->md, NULL);
	mqi_append(q, i);
}

static int refuse(Queue *q, MQMD *md, MQPMO *pmo, int length)
{
	char reply[49];
	mqi_name(reply, md->ReplyToQ, 48);
	if (S->quiescing && pmo->Options & MQPMO_FAIL_IF_QUIESCING)
		return MQRC_Q_MGR_QUIESCING;
	if (q->putInhibited)
		return MQRC_PUT_INHIBITED;
	if (md->MsgType == MQMT_REQUEST && !reply[0])
		return MQRC_MISSING_REPLY_TO_Q;
	if (md->Persistence == MQPER_PERSISTENT && q->definition == MQQDT_TEMPORARY_DYNAMIC)
		return MQRC_PERSISTENT_NOT_ALLOWED;
	if (md->Expiry != MQEI_UNLIMITED && md->Expiry <= 0)
		return MQRC_EXPIRY_ERROR;
	if (length > q->maxLength)
		return MQRC_MSG_TOO_BIG_FOR_Q;
	if (q->depth >= q->maxDepth)
		return MQRC_Q_FULL;
	return 0;
}

/* fill puts in what a queue manager adds to a message. */
static void fill(Conn *c, Queue *q, MQMD *md, MQPMO *pmo)
{
	char manager[49];
	if (md->CodedCharSetId == MQCCSI_Q_MGR)
		md->CodedCharSetId = S->ccsid;
	if (md->Persistence == MQPER_PERSISTENCE_AS_Q_DEF)
		md->Persistence = q->persistence;
	if (md->Priority == MQPRI_PRIORITY_AS_Q_DEF)
		md->Priority = q->priority;
	if (zero(md->MsgId) || pmo->Options & MQPMO_NEW_MSG_ID)
		new_id(md->MsgId);
	if (pmo->Options & MQPMO_NEW_CORREL_ID)
		new_id(md->CorrelId);
	mqi_name(manager, md->ReplyToQMgr, 48);
	mqi_blank(md->ReplyToQ, md->ReplyToQ, 48);
	mqi_blank(md->ReplyToQMgr, manager[0] ? manager : "STANDIN", 48);
	mqi_blank(md->Format, md->Format, 8);
	if (!(pmo->Options & MQPMO_SET_ALL_CONTEXT))
		stamp(md, c);
	if (!(pmo->Options & (MQPMO_SET_ALL_CONTEXT | MQPMO_SET_IDENTITY_CONTEXT))) {
		mqi_blank(md->UserIdentifier, "standin", 12);
		memset(md->AccountingToken, 0, sizeof md->AccountingToken);
		memset(md->ApplIdentityData, ' ', 32);
	}
}

int mqi_put(Conn *c, int queue, MQMD *md, MQPMO *pmo, int length, const void *body, PMQLONG cc, PMQLONG rc)
{
	if (queue == CONTROL_QUEUE) {
		int reason = mqi_command(body, length);
		return mqi_result(cc, rc, reason ? MQCC_FAILED : MQCC_OK, reason);
	}
	Queue *q = &S->queues[queue];
	int reason = refuse(q, md, pmo, length), i = -1;
	if (!reason && (i = mqi_new(length)) < 0)
		reason = MQRC_STORAGE_MEDIUM_FULL;
	if (reason)
		return mqi_result(cc, rc, MQCC_FAILED, reason);
	fill(c, q, md, pmo);
	Message *m = &S->messages[i];
	m->md.GroupId[0] = 0;
	m->md.MsgSeqNumber = 1;
	m->md.OriginalLength = MQOL_UNDEFINED;
	memcpy(&m->md, md, md_size(md));
	m->md.Version = MQMD_VERSION_2;
	m->md.BackoutCount = 0;
	if (length)
		memcpy(S->data[i], body, length);
	if (pmo->Version >= MQPMO_VERSION_3) {
		MQHMSG h = pmo->NewMsgHandle != MQHM_NONE ? pmo->NewMsgHandle : pmo->OriginalMsgHandle;
		m->propsLength = h == MQHM_NONE ? 0 : mqi_properties_out(h, S->data[i] + BODY, PROPS);
		if (m->propsLength < 0) {
			mqi_free(i);
			return mqi_result(cc, rc, MQCC_FAILED, MQRC_HMSG_ERROR);
		}
	}
	if (md->Expiry != MQEI_UNLIMITED)
		m->expires = mqi_now() + 100LL * md->Expiry;
	if (pmo->Options & MQPMO_SYNCPOINT) {
		m->state = PUT_PENDING;
		m->conn = mqi_index(c);
	}
	mqi_append(queue, i);
	if (m->state == COMMITTED && md->Report & MQRO_COA)
		mqi_report(m, MQFB_COA);
	mqi_blank(pmo->ResolvedQName, q->name, 48);
	mqi_blank(pmo->ResolvedQMgrName, "STANDIN", 48);
	return 0;
}

void MQPUT(MQHCONN h, MQHOBJ handle, PMQVOID md, PMQVOID pmo, MQLONG length, PMQVOID body, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, "MQPUT", mqi_queue(handle), cc, rc);
	if (!c)
		return;
	Object *o = mqi_object(c, handle);
	if (!o)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HOBJ_ERROR);
	else if (!(o->options & MQOO_OUTPUT) || o->queue == MANAGER)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_NOT_OPEN_FOR_OUTPUT);
	else if (o->queue >= 0 && !S->queues[o->queue].used)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_Q_DELETED);
	else if (length < 0 || length > BODY)
		mqi_result(cc, rc, MQCC_FAILED, length < 0 ? MQRC_BUFFER_LENGTH_ERROR : MQRC_MSG_TOO_BIG_FOR_Q_MGR);
	else
		mqi_put(c, o->queue, md, pmo, length, body, cc, rc);
	mqi_leave(c, cc, rc);
}

void MQPUT1(MQHCONN h, PMQVOID d, PMQVOID md, PMQVOID pmo, MQLONG length, PMQVOID body, PMQLONG cc, PMQLONG rc)
{
	char name[49];
	mqi_name(name, ((MQOD *)d)->ObjectName, 48);
	mqi_lock();
	int q = !strcmp(name, "LINTEL.CONTROL") ? CONTROL_QUEUE : mqi_find(name);
	mqi_unlock();
	Conn *c = mqi_enter(h, "MQPUT1", q, cc, rc);
	if (!c)
		return;
	if (q == -1 || (q >= 0 && (!S->queues[q].used || S->queues[q].model)))
		mqi_result(cc, rc, MQCC_FAILED, MQRC_UNKNOWN_OBJECT_NAME);
	else if (length < 0 || length > BODY)
		mqi_result(cc, rc, MQCC_FAILED, length < 0 ? MQRC_BUFFER_LENGTH_ERROR : MQRC_MSG_TOO_BIG_FOR_Q_MGR);
	else
		mqi_put(c, q, md, pmo, length, body, cc, rc);
	mqi_leave(c, cc, rc);
}

static int matches(Message *m, MQMD *md, MQGMO *gmo)
{
	int options = gmo->Version >= MQGMO_VERSION_2 ? gmo->MatchOptions : MQMO_MATCH_MSG_ID | MQMO_MATCH_CORREL_ID;
	if (options & MQMO_MATCH_MSG_ID && !zero(md->MsgId) && memcmp(md->MsgId, m->md.MsgId, 24))
		return 0;
	return !(options & MQMO_MATCH_CORREL_ID) || zero(md->CorrelId) || !memcmp(md->CorrelId, m->md.CorrelId, 24);
}

/* pick finds the message that a get would take; those that have expired go when it meets them. */
static int pick(Object *o, MQMD *md, MQGMO *gmo)
{
	int next, browse = gmo->Options & (MQGMO_BROWSE_FIRST | MQGMO_BROWSE_NEXT), passed = !(gmo->Options & MQGMO_BROWSE_NEXT) || !o->cursor;
	for (int i = S->queues[o->queue].head; i >= 0; i = next) {
		Message *m = &S->messages[i];
		next = m->next;
		if (m->state != COMMITTED)
			continue;
		if (m->expires && m->expires <= mqi_now()) {
			if (m->md.Report & MQRO_EXPIRATION)
				mqi_report(m, MQFB_EXPIRATION);
			mqi_free(i);
			continue;
		}
		if (gmo->Options & MQGMO_MSG_UNDER_CURSOR) {
			if (m->id == o->cursor)
				return i;
			continue;
		}
		if (browse && !passed) {
			passed = m->id == o->cursor;
			continue;
		}
		if (matches(m, md, gmo))
			return i;
	}
	return -1;
}

static int cannot_get(Conn *c, Object *o, MQGMO *gmo)
{
	int browse = gmo->Options & (MQGMO_BROWSE_FIRST | MQGMO_BROWSE_NEXT), input = MQOO_INPUT_AS_Q_DEF | MQOO_INPUT_SHARED | MQOO_INPUT_EXCLUSIVE;
	if (c->broken)
		return MQRC_CONNECTION_BROKEN;
	if (!o->used)
		return MQRC_HOBJ_ERROR;
	if (o->queue < 0 || !(o->options & (browse ? MQOO_BROWSE : input)))
		return browse ? MQRC_NOT_OPEN_FOR_BROWSE : MQRC_NOT_OPEN_FOR_INPUT;
	if (!S->queues[o->queue].used)
		return MQRC_Q_DELETED;
	if (S->queues[o->queue].getInhibited)
		return MQRC_GET_INHIBITED;
	if (S->quiescing && gmo->Options & MQGMO_FAIL_IF_QUIESCING)
		return MQRC_Q_MGR_QUIESCING;
	return 0;
}

/* take hands a message over and does with it what the options say. */
static int take(Conn *c, Object *o, int i, MQMD *md, MQGMO *gmo, int room, void *buffer, PMQLONG length, PMQLONG cc, PMQLONG rc)
{
	Message *m = &S->messages[i];
	int version = md->Version, n = m->length < room ? m->length : room;
	mqi_result(cc, rc, MQCC_OK, MQRC_NONE);
	*length = m->length;
	memcpy(md, &m->md, md_size(md));
	md->Version = version;
	if (n)
		memcpy(buffer, S->data[i], n);
	mqi_blank(gmo->ResolvedQName, S->queues[o->queue].name, 48);
	if (gmo->Version >= MQGMO_VERSION_3)
		gmo->ReturnedLength = n;
	if (gmo->Version >= MQGMO_VERSION_4 && gmo->MsgHandle != MQHM_NONE && mqi_properties_in(gmo->MsgHandle, S->data[i] + BODY, m->propsLength))
		return mqi_result(cc, rc, MQCC_FAILED, MQRC_HMSG_ERROR);
	if (m->length > room && !(gmo->Options & MQGMO_ACCEPT_TRUNCATED_MSG))
		return mqi_result(cc, rc, MQCC_WARNING, MQRC_TRUNCATED_MSG_FAILED);
	if (m->length > room)
		mqi_result(cc, rc, MQCC_WARNING, MQRC_TRUNCATED_MSG_ACCEPTED);
	else if (gmo->Options & MQGMO_CONVERT && m->md.CodedCharSetId != S->ccsid)
		mqi_result(cc, rc, MQCC_WARNING, MQRC_NOT_CONVERTED);
	o->cursor = m->id;
	if (gmo->Options & (MQGMO_BROWSE_FIRST | MQGMO_BROWSE_NEXT))
		return 0;
	if (gmo->Options & MQGMO_SYNCPOINT || (gmo->Options & MQGMO_SYNCPOINT_IF_PERSISTENT && m->md.Persistence == MQPER_PERSISTENT)) {
		m->state = GOT_PENDING;
		m->conn = mqi_index(c);
		return 0;
	}
	if (m->md.Report & MQRO_COD)
		mqi_report(m, MQFB_COD);
	mqi_free(i);
	return 0;
}

int mqi_get(Conn *c, Object *o, MQMD *md, MQGMO *gmo, int room, void *buffer, PMQLONG length, PMQLONG cc, PMQLONG rc, int wait)
{
	long long until = 0;
	if (gmo->Options & MQGMO_BROWSE_FIRST)
		o->cursor = 0;
	if (gmo->WaitInterval >= 0)
		until = mqi_now() + gmo->WaitInterval;
	for (;;) {
		int reason = cannot_get(c, o, gmo);
		if (reason)
			return mqi_result(cc, rc, MQCC_FAILED, reason);
		int i = pick(o, md, gmo);
		if (i >= 0)
			return take(c, o, i, md, gmo, room, buffer, length, cc, rc);
		if (!wait || !(gmo->Options & MQGMO_WAIT) || (gmo->WaitInterval >= 0 && mqi_now() >= until))
			return mqi_result(cc, rc, MQCC_FAILED, MQRC_NO_MSG_AVAILABLE);
		mqi_wait(until);
	}
}

void MQGET(MQHCONN h, MQHOBJ handle, PMQVOID md, PMQVOID gmo, MQLONG room, PMQVOID buffer, PMQLONG length, PMQLONG cc, PMQLONG rc)
{
	Conn *c = mqi_enter(h, "MQGET", mqi_queue(handle), cc, rc);
	if (!c)
		return;
	Object *o = mqi_object(c, handle);
	*length = 0;
	if (!o)
		mqi_result(cc, rc, MQCC_FAILED, MQRC_HOBJ_ERROR);
	else
		mqi_get(c, o, md, gmo, room, buffer, length, cc, rc, 1);
	mqi_leave(c, cc, rc);
}
