"""blackout-fibers: every suspended fiber with its owner, its task and its backtrace.
blackout-state: every node with what its program says of itself, as JSON.

The first works on a live process and on a core file, the second, which calls into the process, on a live one
alone; both with and without debug information:

    gdb -x tools/gdb/blackout_gdb.py build/release/blackout core
    (gdb) blackout-fibers

A fiber's saved stack pointer leads to the registers that Boost.Context 1.81 pushed (x86-64, System V).
An unwinder presents them to gdb as the caller of the innermost frame; gdb walks on from there itself.
The layout of the table is fixed by static assertions in host/fiber/fiber.cpp.
"""

import gdb
import gdb.unwinder

POINTER = 8
TABLE_SLOTS, TABLE_SLOTS_USED = 8, 16
SLOT_BYTES, SLOT_NAME, SLOT_ID, SLOT_OWNER = 64, 8, 16, 24
SAVED = {"r12": 0x10, "r13": 0x18, "r14": 0x20, "r15": 0x28, "rbx": 0x30, "rbp": 0x38, "rip": 0x40}
SAVED_BYTES = 0x48
FRAMES_MAX = 64
TEXT_MAX = 1 << 16


def word(address, size=POINTER):
    memory = gdb.selected_inferior().read_memory(address, size)
    return int.from_bytes(bytes(memory), "little")


def text(address):
    if address == 0:
        return "?"
    memory = bytes()
    while b"\0" not in memory and len(memory) < TEXT_MAX:
        memory += bytes(gdb.selected_inferior().read_memory(address + len(memory), 1))
    return memory.split(b"\0")[0].decode("utf-8", "replace")


def fibers():
    """(id, owner, name, saved stack pointer) of every suspended fiber of every pool."""
    try:
        table = word(int(gdb.parse_and_eval("(unsigned long)&blackout_fiber_tables")))
    except gdb.error as error:
        raise gdb.GdbError("no fibers in this program: %s" % error)
    while table != 0:
        slots = word(table + TABLE_SLOTS)
        for index in range(word(table + TABLE_SLOTS_USED)):
            slot = slots + index * SLOT_BYTES
            stack_pointer = word(slot)
            if stack_pointer != 0:
                name = text(word(slot + SLOT_NAME))
                yield word(slot + SLOT_ID), word(slot + SLOT_OWNER, 4), name, stack_pointer
        table = word(table)


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class FiberUnwinder(gdb.unwinder.Unwinder):
    """While `stack_pointer` is set, the innermost frame was called by the fiber suspended there."""

    def __init__(self):
        super().__init__("blackout-fibers")
        self.stack_pointer = 0

    def __call__(self, pending_frame):
        if self.stack_pointer == 0 or pending_frame.level() != 0:
            return None
        register_type = gdb.lookup_type("unsigned long")
        # gdb ends a walk that leads to lower addresses: this frame must seem to be below the fiber's.
        below = gdb.Value(self.stack_pointer).cast(register_type)
        frame_id = FrameId(below, pending_frame.read_register("rip"))
        unwind_info = pending_frame.create_unwind_info(frame_id)
        for register, offset in SAVED.items():
            value = gdb.Value(word(self.stack_pointer + offset)).cast(register_type)
            unwind_info.add_saved_register(register, value)
        stack_pointer = gdb.Value(self.stack_pointer + SAVED_BYTES).cast(register_type)
        unwind_info.add_saved_register("rsp", stack_pointer)
        return unwind_info


UNWINDER = FiberUnwinder()
gdb.unwinder.register_unwinder(None, UNWINDER, replace=True)


def backtrace(stack_pointer):
    UNWINDER.stack_pointer = stack_pointer
    gdb.invalidate_cached_frames()
    try:
        frame = gdb.newest_frame().older()
        for level in range(FRAMES_MAX):
            if frame is None or not frame.is_valid():
                return
            place = frame.find_sal()
            where = " at %s:%d" % (place.symtab.filename, place.line) if place.symtab else ""
            print("  #%-2d 0x%016x in %s%s" % (level, frame.pc(), frame.name() or "??", where))
            frame = frame.older()
    except gdb.error as error:
        print("  (%s)" % error)
    finally:
        UNWINDER.stack_pointer = 0
        gdb.invalidate_cached_frames()


class Fibers(gdb.Command):
    """Shows every suspended fiber with its owner, its task and its backtrace."""

    def __init__(self):
        super().__init__("blackout-fibers", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        count = 0
        for identifier, owner, name, stack_pointer in fibers():
            print("fiber %#x, task %s of node %d" % (identifier, name, owner))
            backtrace(stack_pointer)
            count += 1
        print("%d suspended" % count)


Fibers()


class State(gdb.Command):
    """Shows what each node's program says of itself; with a number, that of one node."""

    def __init__(self):
        super().__init__("blackout-state", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        node = int(argument) if argument else 0
        while True:
            try:
                call = "((const char *(*)(unsigned)) blackout_node_state)(%d)" % node
                state = int(gdb.parse_and_eval(call))
            except gdb.error as error:
                raise gdb.GdbError("no nodes to ask: %s" % error)
            if state == 0:
                break
            print("node %d, %s" % (node, text(state)))
            if argument:
                return
            node += 1
        print("%d nodes" % node)


State()
