// A simulated machine: its tasks, its clock, its disk, its place on the network, and its deaths.
//
// Program code of a node runs in its tasks only, guarded against the real machine from the first
// instruction to the last. A task resumed while the node is paused is held before it runs a single
// one, and of a node that is paused in the middle of a task that task goes on first. A stop first
// makes the node dead (from that instant its sends, writes, wakes and reports go nowhere), then
// ends its tasks.
//
// Stops and pauses nest: overlapping faults may each stop a node, and it runs again when the last
// of them starts it. Each verb takes the tag of its fault, under which it counts what it did, and
// its inverse the same tag. Verbs are for the loop (a scheduled event), never for a task.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "host/env/environment.hpp"
#include "models/clock/clock.hpp"
#include "models/disk/disk.hpp"
#include "models/network/network.hpp"
#include "models/node/processor.hpp"
#include "models/node/watch.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/stream.hpp"
#include "sim/trace/recorder.hpp"

namespace blackout::node {

// What a node runs from its start: the body of its first task, "main". Kept for restarts, so that
// whatever it captures must outlive the node and belong to no incarnation.
using Program = std::function<void(env::Environment&)>;

// A program that takes the place of another, and which one it is; a node begins with number 0.
struct Release {
  std::uint32_t number = 0;
  Program program;
};

// Word a of node_stopped.
enum class StopMode : std::uint8_t {
  graceful,       // after at most stop_grace, and the page cache is written back
  process_crash,  // the page cache survives
  power_loss,     // the page cache is lost
  out_of_memory,  // killed by the kernel: a process crash
};

enum class State : std::uint8_t { down, up, paused };

inline constexpr FaultTag no_fault = 0xFFFF'FFFF;

// When a node stops and starts: first after `first`, for `down`, and again every `period` (0:
// once).
struct Cycle {
  Duration first, down, period;
};

// A process that ended itself, or was killed, is started again after this.
inline constexpr Duration supervisor_pause = seconds(1);

// A process that is asked to stop is killed after this.
inline constexpr Duration stop_grace = seconds(5);

// What a task needs of its process's memory: its stack.
inline constexpr std::uint64_t task_bytes = 64 * 1024;

class alignas(64) Node final : private env::Tasks,
                               private env::Random,
                               private env::Trace,
                               private network::Host,
                               private disk::Host,
                               private Watch::Host {
 public:
  // `key` is the world's. The node is down until its program starts.
  Node(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, NodeId self,
       network::Network& network, const disk::Profile& disk, const clock::Settings& clock);
  ~Node() override;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // The first start.
  void start(Program program);
  // A node already down stays down, but a power loss takes its page cache all the same. A program
  // that waits to be asked is asked by a graceful stop, and goes on until it exits, its grace is
  // over or the node starts again; one that is paused, and any other, dies at once.
  void stop(StopMode mode, FaultTag tag = no_fault);
  // Takes the stop with this tag back; the program starts anew, as the next incarnation, when none
  // is left.
  void start(FaultTag tag = no_fault);

  // No task runs and no timer fires; messages pile up in the mailbox, the clocks go on. A node
  // stopped while paused dies; one started while paused is paused before its first instruction.
  void pause(FaultTag tag = no_fault);
  // Takes the pause with this tag back; when none is left, what came due meanwhile runs at once, in
  // order of coming due.
  void resume(FaultTag tag = no_fault);

  // Faults of the clock: see clock::Clock. Pending timers keep their deadlines on the node's clock.
  // A virtual machine that is paused is pause() with freeze_clock(), and resume() with
  // thaw_clock(): timers that the clock overruns when it catches up fire at once.
  void step_clock(Duration by, clock::FaultTag tag);
  void drift_clock(std::int64_t by_ppm, clock::FaultTag tag);
  void freeze_clock(clock::CatchUp catch_up, clock::FaultTag tag);
  void thaw_clock(clock::FaultTag tag);
  void smear_clock(Duration by, Duration window, clock::FaultTag tag);
  void unsmear_clock(clock::FaultTag tag);
  void mislead_clock(Duration by, clock::FaultTag tag);
  void correct_clock(clock::FaultTag tag);
  void understate_clock(clock::FaultTag tag);
  void admit_clock(clock::FaultTag tag);

  // Every wake-up of a task takes its turn at the processor (see Processor).
  void slow(std::uint32_t factor_permille, FaultTag tag);
  void restore(FaultTag tag);

  // Stops and starts, as `cycle` says, until its inverse, which starts the node if it is down.
  // From the first stop on the release's program, if there is one, is what the node starts with.
  void cycle(const Cycle& cycle, StopMode mode, FaultTag tag, Release release = {});
  void end_cycle(FaultTag tag);

  // While limits last, the process is killed where memory_bytes() passes the least of them, and
  // started again after supervisor_pause.
  void limit_memory(std::uint64_t bytes, FaultTag tag);
  void lift_limit(FaultTag tag);

  // The node stops at the count-th such moment from now on, in the midst of what it does: from that
  // instant none of its tasks runs. The inverse starts it again, if it fell. Only on a node that
  // is watched, from before its first start.
  void watch();
  void arm(Moment moment, std::uint64_t count, StopMode mode, FaultTag tag);
  void disarm(FaultTag tag);

  // From a task of the node: the action runs between two of its instructions, as an event of the
  // loop would, and may stop or pause the node.
  void interrupt(Callback action);

  // While it lasts, start() of a fault is put off, as where a provider's control plane is down; a
  // process that ended itself is started by its machine all the same.
  void bar_starts(FaultTag tag);
  void allow_starts(FaultTag tag);

  // How often the release of a fault with this tag took the place of another one.
  [[nodiscard]] std::uint64_t programs_changed(FaultTag tag) const;
  // What the faults with this tag did so far: tasks ended, starts put off, wakes held or delayed,
  // readings of the clock changed.
  [[nodiscard]] std::uint64_t effect(FaultTag tag) const;

  [[nodiscard]] NodeId id() const { return self_; }
  [[nodiscard]] State state() const;
  [[nodiscard]] bool running() const { return up_ && pausers_.empty(); }
  // 0 before the first start.
  [[nodiscard]] std::uint32_t incarnation() const { return incarnation_; }
  [[nodiscard]] std::size_t task_count() const { return tasks_.size() - free_.size(); }
  // What the machine sees of its process's memory: a stack for each task and the messages in the
  // mailbox. Not counted are the heap, which only the program knows, and the page cache, which a
  // kernel writes back before it kills.
  [[nodiscard]] std::uint64_t memory_bytes() const;

  // For the harness, from the loop or a task of this node. Tasks are dead with the incarnation that
  // spawned them; spawn() on a node that is down does nothing.
  [[nodiscard]] env::Environment& environment() { return *environment_; }
  [[nodiscard]] disk::Disk& disk() { return *disk_; }
  [[nodiscard]] const clock::Clock& clock() const { return clock_; }

 private:
  struct Task {
    fiber::FiberId fiber;
    kernel::TimerId timer;  // of the park or sleep that it is in
    Instant deadline =
        Instant::never();  // of that timer, on the node's clock; never(): in true time
    std::uint32_t generation = 1;
    bool parked = false;
    bool woken = false;  // a wake came since the last park
    Callback body;       // until its first instruction
  };
  struct Cycling {
    FaultTag tag;
    Cycle cycle;
    StopMode mode;
    kernel::TimerId timer;
    bool stopped;
    Release release;  // until the first stop
  };
  struct Change {
    FaultTag tag;
    Release release;
  };
  struct Limit {
    FaultTag tag;
    std::uint64_t bytes;
  };
  struct Trap {
    FaultTag tag;
    Moment moment;
    std::uint64_t left;
    StopMode mode;
    kernel::TimerId timer;  // between the moment and the stop
    bool sprung;
  };
  struct Unguarded;
  struct Running;

  env::TaskId spawn(const char* name, Callback body) override;
  [[nodiscard]] env::TaskId current() const override;
  bool park(Instant deadline) override;
  void wake(env::TaskId task) override;
  void sleep(Duration span) override;
  void wait_for_stop() override;
  [[noreturn]] void exit() override;
  std::uint64_t next() override { return draws_.next(); }
  void report(EventKind kind, ShardId shard, std::uint64_t a, std::uint64_t b,
              std::uint64_t c) override;
  void suspend() override;
  void suspend_until(Instant when) override;
  void passed(Moment moment) override;
  void message_waits() override { check_memory(); }

  [[nodiscard]] env::TaskId id_of(std::uint32_t slot) const;
  void boot();
  void die(StopMode mode, FaultTag tag);
  void ask_to_stop(FaultTag tag);
  static void take_back(std::vector<FaultTag>& tags, FaultTag tag);
  void run_task(std::uint32_t slot);
  void hold();
  void stand_still();
  void release_held();
  void forget_interrupted();
  void turn_cycle(FaultTag tag);
  void spring(FaultTag tag);
  // Memory grew, or its limit fell.
  void check_memory();
  // Its machine starts it again.
  void end_process(StopMode mode);
  // From now on no task runs: a stop is on its way. Does not return to a task.
  void fall();
  void arm(std::uint32_t slot);
  // The clock no longer advances as it did when the timers were armed.
  void rearm();
  void report_clock();
  void timer_fired(std::uint32_t slot);
  void end_tasks();
  void release(std::uint32_t slot);

  // By cache lines: what every switch touches, the clock, the way to the seam, the rest.
  kernel::Kernel& kernel_;
  NodeId self_;
  std::uint32_t current_ = 0;     // slot of the task that runs; stale in the loop
  std::uint32_t hindrances_ = 0;  // pauses, slownesses and a fall: a resumed task may not just run
  bool up_ = false;
  clock::Clock clock_;
  std::unique_ptr<disk::Disk> disk_;
  std::optional<env::Environment> environment_;
  std::uint32_t incarnation_ = 0;
  random::Stream draws_;
  std::vector<Task> tasks_;
  trace::Recorder& recorder_;
  random::Key key_;
  network::Network& network_;
  Program program_;
  std::uint32_t release_ = 0;
  std::optional<Change> change_;  // from the next start on
  std::vector<std::uint32_t> free_;
  std::vector<fiber::FiberId> held_;  // came due while paused
  // Was running when the node was paused; its process goes on where it stood, with no other task.
  std::optional<fiber::FiberId> interrupted_;
  std::vector<FaultTag> stoppers_, pausers_, bars_;  // in the order in which they began
  std::vector<Cycling> cycling_;
  std::vector<Trap> traps_;
  std::vector<Limit> limits_;
  bool falling_ = false;  // the stop is on its way
  std::optional<env::TaskId> stop_waiter_;
  std::optional<FaultTag> asked_by_;  // the incarnation was asked to stop
  std::unique_ptr<Watch> watch_;
  Processor processor_;
  std::map<FaultTag, std::uint64_t> effects_, programs_changed_;
};

}  // namespace blackout::node
