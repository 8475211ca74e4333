// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "internal.h"

static const struct mm_error {
	int		number;
	const char	*text;
	const char	*hint;
} errors[] = {
	{
		.number = ENODEV,
		.text = "mmapper is not loaded",
		.hint = "mmapper-cli load",
	}, {
		.number = ENOPKG,
		.text = "mmapper is not loaded, and no module for the running kernel is installed",
		.hint = "mmapper-cli doctor",
	}, {
		.number = ENOENT,
		.text = "the driver has no backend or buffer of this name",
		.hint = "mmapper-cli list",
	}, {
		/* Only the kernel makes nodes in devtmpfs, when it loads. */
		.number = ENXIO,
		.text = "the driver is loaded but its node is missing in /dev",
		.hint = "mmapper-cli unload && mmapper-cli load",
	}, {
		.number = EACCES,
		.text = "no permission to open it",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EFBIG,
		.text = "the size is more than this backend can give",
		.hint = "mmapper-cli backends",
	}, {
		.number = EPROTO,
		.text = "this is no node of mmapper",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EPROTONOSUPPORT,
		.text = "the loaded driver is too old for the library",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EPROTOTYPE,
		.text = "the library is too old: the loaded driver speaks a newer ABI",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EEXIST,
		.text = "there is a buffer of this name already",
		.hint = "mmapper-cli list",
	}, {
		.number = ENAMETOOLONG,
		.text = "the name is longer than 63 bytes",
	}, {
		.number = EDQUOT,
		.text = "this user may not have so much, or not so many buffers",
		.hint = "mmapper-cli info --memory",
	}, {
		.number = ENOMEM,
		.text = "there is not enough memory, or all buffers together may not have so much",
		.hint = "mmapper-cli info --memory",
	}, {
		.number = EADDRNOTAVAIL,
		.text = "there is no such device or BAR, or it is not bound to the driver mmapper",
		.hint = "lspci -k",
	}, {
		.number = ESTALE,
		.text = "the buffer was revoked: its memory is gone",
		.hint = "mmapper-cli list",
	}, {
		.number = EOPNOTSUPP,
		.text = "this backend cannot do that",
		.hint = "mmapper-cli backends",
	},
};

static unsigned int magnitude(int error)
{
	return error < 0 ? 0U - (unsigned int)error : (unsigned int)error;
}

static const struct mm_error *find(int error)
{
	size_t i;

	for (i = 0; i < MM_ARRAY_SIZE(errors); i++)
		if ((unsigned int)errors[i].number == magnitude(error))
			return &errors[i];
	return NULL;
}

const char *mmapper_strerror(int error)
{
	const struct mm_error *known = find(error);
	const char *text;

	MM_KEEP_ERRNO;

	if (known)
		return known->text;
	text = strerrordesc_np((int)magnitude(error));
	return text ? text : "unknown error";
}

const char *mmapper_hint(int error)
{
	const struct mm_error *known = find(error);

	return known ? known->hint : NULL;
}
