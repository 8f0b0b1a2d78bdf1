/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands to the stand-in, as text put on the queue LINTEL.CONTROL or in MQI_DEFINE; several are parted by ; or a new line.
 *
 *   DEFINE QLOCAL(n) | DEFINE QMODEL(n) | ALTER QLOCAL(n)   with MAXDEPTH(k) MAXMSGL(k) PUT(DISABLED) GET(DISABLED)
 *          BOTHRESH(k) BOQNAME(q) DEFPSIST(YES) DEFPRTY(k) DEFTYPE(PERMDYN)
 *   DELETE QLOCAL(n) | CLEAR QLOCAL(n)
 *   FAIL VERB(v) RC(k) [AFTER(k)] [TIMES(k)] [QUEUE(q)] [APPL(a)] [DONE]   DONE: the call is done, and fails all the same
 *          VERB(INQUIRE) is an MQOPEN that wants to inquire
 *   DELAY VERB(v) MS(k) [AFTER(k)] [TIMES(k)] [QUEUE(q)] [APPL(a)]
 *   BREAK [APPL(a)]        ends connections
 *   QUIESCE | STOP | START the queue manager
 *   LOGIN USER(u) PASSWORD(p)
 *   HEAL                   no more faults
 *
 * A connection with the name "control" can always be made, and no command ends it.
 */
#include <ctype.h>
#include "mqi.h"

/* arg finds KEY(value); NULL if the key is not there. */
static char *arg(const char *line, const char *key, char *to)
{
	size_t n = strlen(key);
	for (const char *p = line; (p = strcasestr(p, key)); p += n) {
		if ((p != line && !isspace((unsigned char)p[-1])) || p[n] != '(')
			continue;
		const char *end = strchr(p, ')');
		if (!end || end - p - n - 1 > 64)
			return NULL;
		memcpy(to, p + n + 1, end - p - n - 1);
		to[end - p - n - 1] = 0;
		return to;
	}
	return NULL;
}

static void number(const char *line, const char *key, int *to)
{
	char v[65];
	if (arg(line, key, v))
		*to = atoi(v);
}

static void flag(const char *line, const char *key, const char *yes, int *to)
{
	char v[65];
	if (arg(line, key, v))
		*to = !strcasecmp(v, yes);
}

static int define(const char *line)
{
	char name[65], v[65];
	int model = arg(line, "QMODEL", name) != NULL;
	if (!model && !arg(line, "QLOCAL", name))
		return -1;
	int i = mqi_find(name);
	if (i < 0 && strlen(name) <= 48)
		i = mqi_define(name);
	if (i < 0)
		return -1;
	Queue *q = &S->queues[i];
	if (model && !q->model)
		q->definition = MQQDT_TEMPORARY_DYNAMIC;
	q->model = model;
	if (arg(line, "DEFTYPE", v) && !strcasecmp(v, "PERMDYN"))
		q->definition = MQQDT_PERMANENT_DYNAMIC;
	number(line, "MAXDEPTH", &q->maxDepth);
	number(line, "MAXMSGL", &q->maxLength);
	number(line, "BOTHRESH", &q->backoutThreshold);
	number(line, "DEFPRTY", &q->priority);
	flag(line, "PUT", "DISABLED", &q->putInhibited);
	flag(line, "GET", "DISABLED", &q->getInhibited);
	flag(line, "DEFPSIST", "YES", &q->persistence);
	if (arg(line, "BOQNAME", v))
		snprintf(q->backoutQueue, sizeof q->backoutQueue, "%.48s", v);
	return 0;
}

static int fail(const char *line)
{
	char v[65];
	for (Fault *f = S->faults; f < S->faults + FAULTS; f++) {
		if (f->used)
			continue;
		memset(f, 0, sizeof *f);
		if (!arg(line, "VERB", v))
			return -1;
		snprintf(f->verb, sizeof f->verb, "%.15s", v);
		number(line, "RC", &f->rc);
		number(line, "MS", &f->delay);
		number(line, "AFTER", &f->skip);
		number(line, "TIMES", &f->times);
		if (arg(line, "QUEUE", v))
			snprintf(f->queue, sizeof f->queue, "%.48s", v);
		if (arg(line, "APPL", v))
			snprintf(f->app, sizeof f->app, "%.28s", v);
		f->done = strcasestr(line, " DONE") != NULL;
		f->used = 1;
		return 0;
	}
	return -1;
}

static int queue_command(const char *line, void (*f)(int))
{
	char name[65];
	int q = arg(line, "QLOCAL", name) ? mqi_find(name) : -1;
	if (q < 0)
		return -1;
	f(q);
	return 0;
}

static int break_all(const char *line)
{
	char app[65] = "";
	arg(line, "APPL", app);
	for (Conn *c = S->conns; c < S->conns + CONNS; c++)
		if (c->used && !mqi_is_control(c) && (!app[0] || !strcmp(c->app, app)))
			mqi_break(c);
	return 0;
}

static int command(const char *line)
{
	char v[65];
	if (!strncasecmp(line, "DEFINE ", 7) || !strncasecmp(line, "ALTER ", 6))
		return define(line);
	if (!strncasecmp(line, "DELETE ", 7))
		return queue_command(line, mqi_drop);
	if (!strncasecmp(line, "CLEAR ", 6))
		return queue_command(line, mqi_clear);
	if (!strncasecmp(line, "FAIL ", 5) || !strncasecmp(line, "DELAY ", 6))
		return fail(line);
	if (!strncasecmp(line, "LOGIN ", 6)) {
		snprintf(S->user, sizeof S->user, "%s", arg(line, "USER", v) ? v : "");
		snprintf(S->password, sizeof S->password, "%s", arg(line, "PASSWORD", v) ? v : "");
		return 0;
	}
	if (!strncasecmp(line, "BREAK", 5))
		return break_all(line);
	if (!strcasecmp(line, "HEAL"))
		return memset(S->faults, 0, sizeof S->faults), 0;
	if (!strcasecmp(line, "QUIESCE"))
		return S->quiescing = 1, 0;
	if (!strcasecmp(line, "STOP"))
		return S->stopped = 1, break_all("");
	if (!strcasecmp(line, "START"))
		return S->stopped = S->quiescing = 0, 0;
	return -1;
}

int mqi_command(const char *text, int length)
{
	char line[512];
	int n = 0, bad = 0;
	for (int i = 0; i <= length; i++) {
		char ch = i < length ? text[i] : ';';
		if (ch != ';' && ch != '\n') {
			if (n < (int)sizeof line - 1 && !(n == 0 && isspace((unsigned char)ch)))
				line[n++] = ch;
			continue;
		}
		while (n > 0 && isspace((unsigned char)line[n - 1]))
			n--;
		line[n] = 0;
		if (n > 0 && command(line))
			bad = MQRC_UNEXPECTED_ERROR;
		n = 0;
	}
	mqi_changed();
	return bad;
}
