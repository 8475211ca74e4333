// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the device tests alone: makes one call of one kernel function fail, or
 * all from that one on, as far as the process sees it that has loaded this
 * module.  Debian's kernels have no fault injection, but they have kprobes: the
 * function is left at its entry with the value that a failure would have.
 */
#include <linux/atomic.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/objtool.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/string.h>

#ifdef CONFIG_X86
#include <asm/linkage.h>
#endif

static char *symbol;
module_param(symbol, charp, 0444);
MODULE_PARM_DESC(symbol, "function to fail");

static char *caller;
module_param(caller, charp, 0444);
MODULE_PARM_DESC(caller, "only calls made by this module (default: by anyone)");

static long value;
module_param(value, long, 0444);
MODULE_PARM_DESC(value, "what that call returns");

static bool anyone;
module_param(anyone, bool, 0444);
MODULE_PARM_DESC(anyone, "as any process sees it (default: who loads this)");

static bool lasting;
module_param(lasting, bool, 0444);
MODULE_PARM_DESC(lasting, "so do those after it (default: they are made)");

static unsigned int failed;
module_param(failed, uint, 0444);
MODULE_PARM_DESC(failed, "read: calls that failed so far");

static pid_t owner;
static atomic_t calls;

static unsigned int nth;

/* Counts from here on. */
static int mm_fail_arm(const char *text, const struct kernel_param *param)
{
	int err = param_set_uint(text, param);

	failed = 0;
	atomic_set(&calls, 0);
	return err;
}

static const struct kernel_param_ops nth_ops = {
	.set = mm_fail_arm,
	.get = param_get_uint,
};
module_param_cb(nth, &nth_ops, &nth, 0644);
MODULE_PARM_DESC(nth, "which of the calls from now on, from 1; 0: none");

/* Returns to the caller of the function whose entry was probed. */
void mm_fail_return(void);
#ifdef CONFIG_X86
#define BODY	ANNOTATE_NOENDBR "\n" ASM_RET
#else
#define BODY	"ret\n"
#endif
asm(".text\n"
	".type mm_fail_return, STT_FUNC\n"
	".globl mm_fail_return\n"
	"mm_fail_return:\n"
	BODY
	".size mm_fail_return, .-mm_fail_return\n");

/* kallsyms names an address of a module as "function+0x12/0x34 [module]". */
static bool mm_fail_called_by(const char *module, unsigned long address)
{
	char name[KSYM_SYMBOL_LEN], *at;
	size_t len = strlen(module);

	sprint_symbol(name, address);
	at = strchr(name, '[');
	return at && !strncmp(at + 1, module, len) && at[len + 1] == ']';
}

static unsigned long mm_fail_return_address(struct pt_regs *regs)
{
#ifdef CONFIG_X86
	return regs_get_kernel_stack_nth(regs, 0);
#else
	return procedure_link_pointer(regs);
#endif
}

static int mm_fail_entry(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int call;

	if (!anyone && task_tgid_nr(current) != owner)
		return 0;
	if (caller && !mm_fail_called_by(caller, mm_fail_return_address(regs)))
		return 0;
	call = atomic_inc_return(&calls);
	if (!nth || (lasting ? call < nth : call != nth))
		return 0;
	failed++;
	regs_set_return_value(regs, value);
	instruction_pointer_set(regs, (unsigned long)mm_fail_return);
	return 1;
}

NOKPROBE_SYMBOL(mm_fail_entry);

/*
 * An optimised probe ignores where its handler wants to go on, and one with this
 * handler is never optimised (Documentation/trace/kprobes.rst).
 */
static void mm_fail_after(struct kprobe *probe, struct pt_regs *regs,
			  unsigned long flags)
{
}

static struct kprobe probe = {
	.pre_handler	= mm_fail_entry,
	.post_handler	= mm_fail_after,
};

static int __init mm_fail_init(void)
{
	if (!symbol)
		return -EINVAL;
	owner = task_tgid_nr(current);
	probe.symbol_name = symbol;
	return register_kprobe(&probe);
}

static void __exit mm_fail_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(mm_fail_init);
module_exit(mm_fail_exit);

MODULE_DESCRIPTION("Failures on demand, for the tests of mmapper");
MODULE_AUTHOR("The mmapper developers");
MODULE_LICENSE("GPL");
