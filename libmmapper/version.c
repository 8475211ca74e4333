// SPDX-License-Identifier: LGPL-2.1-or-later
#include "internal.h"

const char *mmapper_version_get(void)
{
	return MMAPPER_VERSION;
}
