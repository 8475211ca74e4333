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
		.text = "the driver has no such backend",
		.hint = "mmapper-cli backends",
	}, {
		/* Only the kernel makes nodes in devtmpfs, when it loads. */
		.number = ENXIO,
		.text = "the driver is loaded but its node is missing in /dev",
		.hint = "mmapper-cli unload && mmapper-cli load",
	}, {
		.number = EACCES,
		.text = "no permission to open the node",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EFBIG,
		.text = "the driver's size= is more than this backend can give",
		.hint = "mmapper-cli backends",
	}, {
		.number = EPROTO,
		.text = "this is no node of mmapper",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EPROTONOSUPPORT,
		.text = "the loaded driver is too old: it speaks an older ABI than the library",
		.hint = "mmapper-cli doctor",
	}, {
		.number = EPROTOTYPE,
		.text = "the library is too old: the loaded driver speaks a newer ABI",
		.hint = "mmapper-cli doctor",
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
