/* SPDX-License-Identifier: Apache-2.0
 * Nothing but constants is used of it, and they are in mqconst.h. Test code only. */
#include <cmqc.h>
