/* SPDX-License-Identifier: Apache-2.0 */

/* Faults on command. The table lies in memory shared by all processes of the region. */

#include "region.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[FAULT_KINDS] = {
	[FAULT_SLOW] = "SLOW",
	[FAULT_HANG] = "HANG",
	[FAULT_ABEND] = "ABEND",
	[FAULT_ABEND_MIDWAY] = "ABEND-MIDWAY",
	[FAULT_KILL_MIDWAY] = "KILL-MIDWAY",
	[FAULT_DROP_BEFORE] = "DROP-BEFORE",
	[FAULT_DROP_AFTER] = "DROP-AFTER",
	[FAULT_BUSY] = "BUSY",
};

static void gate_enter(void)
{
	int open = 0;
	while (!atomic_compare_exchange_weak(&shared->fault_gate, &open, 1)) {
		open = 0;
		sched_yield();
	}
}

static void gate_leave(void)
{
	atomic_store(&shared->fault_gate, 0);
}

static int kind_of(const char *word)
{
	for (int k = 1; k < FAULT_KINDS; k++)
		if (strcmp(words[k], word) == 0)
			return k;
	return FAULT_NONE;
}

static int number(const char *text, int *out)
{
	char *end;
	long n = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || n < 0 || n > 3600000)
		return -1;
	*out = (int)n;
	return 0;
}

static int arm(int kind, const char *program, int millis, int count)
{
	int result = -1;
	gate_enter();
	for (int i = 0; i < FAULT_SLOTS; i++) {
		struct fault_slot *s = &shared->faults[i];
		if (s->kind != FAULT_NONE && s->left != 0)
			continue;
		memset(s->program, ' ', PROGRAM_SIZE);
		memcpy(s->program, program, strlen(program));
		s->millis = millis;
		s->left = count;
		s->kind = kind;
		result = 0;
		break;
	}
	gate_leave();
	return result;
}

static int clear(void)
{
	gate_enter();
	for (int i = 0; i < FAULT_SLOTS; i++)
		shared->faults[i].kind = FAULT_NONE;
	gate_leave();
	return 0;
}

int fault_command(const char *text, size_t length)
{
	char line[128], *word[4], *save = NULL;
	int n = 0, millis = 0, count = -1, kind;

	if (length >= sizeof line)
		return -1;
	for (size_t i = 0; i < length; i++)
		line[i] = (char)toupper((unsigned char)text[i]);
	line[length] = '\0';
	for (char *w = strtok_r(line, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		if (n == 4)
			return -1;
		word[n++] = w;
	}
	if (n == 1 && strcmp(word[0], "CLEAR") == 0)
		return clear();
	if (n < 2 || (kind = kind_of(word[0])) == FAULT_NONE || strlen(word[1]) > PROGRAM_SIZE)
		return -1;
	int next = 2;
	if (kind == FAULT_SLOW && (n < 3 || number(word[next++], &millis) != 0))
		return -1;
	if (next < n && (number(word[next++], &count) != 0 || count == 0))
		return -1;
	if (next != n)
		return -1;
	return arm(kind, word[1], millis, count);
}

enum fault fault_take(const char *program, int *millis)
{
	enum fault taken = FAULT_NONE;
	gate_enter();
	for (int i = 0; i < FAULT_SLOTS && taken == FAULT_NONE; i++) {
		struct fault_slot *s = &shared->faults[i];
		if (s->kind == FAULT_NONE || s->left == 0)
			continue;
		if (s->program[0] != '*' && memcmp(s->program, program, PROGRAM_SIZE) != 0)
			continue;
		if (s->left > 0)
			s->left--;
		*millis = s->millis;
		taken = (enum fault)s->kind;
	}
	gate_leave();
	return taken;
}
