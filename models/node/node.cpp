#include "models/node/node.hpp"

#include <algorithm>
#include <utility>

#include "host/base/check.hpp"
#include "sim/guard/guard.hpp"

namespace blackout::node {
namespace {

random::Key node_key(random::Key world, NodeId node) {
  return world.child("node").child(node.value());
}

}  // namespace

// While a task of the node waits: other code runs.
struct Node::Unguarded {
  explicit Unguarded(Node& waiting) : node(waiting), slot(waiting.current_) { guard::leave(); }
  Unguarded(const Unguarded&) = delete;
  Unguarded& operator=(const Unguarded&) = delete;
  ~Unguarded() {
    node.current_ = slot;
    guard::enter(node.self_.value());
  }
  Node& node;
  std::uint32_t slot;
};

// While a task exists beyond its first instruction.
struct Node::Running {
  Running(Node& of, std::uint32_t task) : node(of), slot(task) {
    node.current_ = slot;
    guard::enter(node.self_.value());
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    guard::leave();
    node.release(slot);
  }
  Node& node;
  std::uint32_t slot;
};

Node::Node(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, NodeId self,
           network::Network& network, const disk::Profile& disk, const clock::Settings& clock)
    : kernel_(kernel),
      self_(self),
      clock_(kernel, clock),
      disk_(std::make_unique<disk::Disk>(kernel, recorder, node_key(key, self), self, disk,
                                         static_cast<disk::Host&>(*this))),
      environment_(
          env::Environment{self, clock_, network.endpoint(self), *disk_, *this, *this, *this}),
      draws_(key),
      recorder_(recorder),
      key_(node_key(key, self)),
      network_(network),
      processor_(kernel) {}

Node::~Node() {
  if (!std::exchange(up_, false)) return;
  network_.down(self_);
  disk_->detach();
  end_tasks();
}

State Node::state() const {
  if (!up_) return State::down;
  return !pausers_.empty() ? State::paused : State::up;
}

void Node::start(Program program) {
  CHECK(!program_ && program);
  program_ = std::move(program);
  if (stoppers_.empty()) boot();
}

void Node::start(FaultTag tag) {
  take_back(stoppers_, tag);
  for (const FaultTag other : stoppers_) ++effects_[other];
  if (!stoppers_.empty() || !program_) return;
  if (up_) die(StopMode::graceful, *asked_by_);
  if (bars_.empty() || tag == no_fault) return boot();
  for (const FaultTag bar : bars_) ++effects_[bar];
}

void Node::take_back(std::vector<FaultTag>& tags, FaultTag tag) {
  const auto found = std::find(tags.begin(), tags.end(), tag);
  CHECK(found != tags.end(), "an inverse without its verb");
  tags.erase(found);
}

void Node::boot() {
  up_ = true;
  stop_waiter_.reset();
  asked_by_.reset();
  ++incarnation_;
  draws_ = random::Stream(key_.child("random").child(incarnation_));
  clock_.restart(key_.child("clock").child(incarnation_));
  disk_->attach(incarnation_);
  network_.up(self_, incarnation_, *this);
  recorder_.report(EventKind::node_started, self_, no_shard, incarnation_);
  if (change_ && change_->release.number != release_) {
    program_ = std::move(change_->release.program);
    release_ = change_->release.number;
    ++programs_changed_[change_->tag];
    recorder_.report(EventKind::program_changed, self_, no_shard, incarnation_);
  }
  change_.reset();
  spawn("main", [this] { program_(*environment_); });
}

void Node::stop(StopMode mode, FaultTag tag) {
  CHECK(kernel_.fibers().current() == fiber::FiberId(), "a task may not stop a node");
  stoppers_.push_back(tag);
  if (mode == StopMode::graceful && running() && stop_waiter_) return ask_to_stop(tag);
  die(mode, tag);
}

void Node::ask_to_stop(FaultTag tag) {
  if (asked_by_) return;
  asked_by_ = tag;
  wake(*stop_waiter_);
  kernel_.at(kernel_.now() + stop_grace, [this, tag, incarnation = incarnation_] {
    if (up_ && incarnation_ == incarnation) die(StopMode::graceful, tag);
  });
}

void Node::die(StopMode mode, FaultTag tag) {
  if (std::exchange(up_, false)) {
    effects_[tag] += task_count();
    network_.down(self_);
    disk_->detach();
    recorder_.report(EventKind::node_stopped, self_, no_shard, static_cast<std::uint64_t>(mode),
                     incarnation_);
    end_tasks();
    if (mode == StopMode::graceful) disk_->write_back();
  }
  if (mode == StopMode::power_loss) disk_->lose_power();
}

void Node::wait_for_stop() {
  stop_waiter_ = id_of(current_);
  while (!asked_by_) park(Instant::never());
  stop_waiter_.reset();
}

void Node::exit() {
  kernel_.at(kernel_.now(), [this, incarnation = incarnation_] {
    if (!up_ || incarnation_ != incarnation) return;
    if (asked_by_) return die(StopMode::graceful, *asked_by_);
    end_process(StopMode::process_crash);
  });
  while (true) park(Instant::never());
}

void Node::end_process(StopMode mode) {
  stop(mode);
  kernel_.at(kernel_.now() + supervisor_pause, [this] { start(); });
}

void Node::end_tasks() {
  for (Task& task : tasks_) {
    kernel_.cancel(std::exchange(task.timer, {}));
    kernel_.fibers().kill(task.fiber);
  }
  // Those that never ran, or were abandoned, have not released themselves.
  for (std::uint32_t slot = 0; slot < tasks_.size(); ++slot) {
    if (tasks_[slot].fiber != fiber::FiberId()) release(slot);
  }
  held_.clear();
  forget_interrupted();
  processor_.clear();
  if (std::exchange(falling_, false)) --hindrances_;
}

void Node::pause(FaultTag tag) {
  pausers_.push_back(tag);
  ++hindrances_;
  if (pausers_.size() == 1 && up_) recorder_.report(EventKind::node_paused, self_);
}

void Node::resume(FaultTag tag) {
  take_back(pausers_, tag);
  --hindrances_;
  if (!pausers_.empty() || !up_) return;
  recorder_.report(EventKind::node_resumed, self_);
  if (interrupted_) {
    kernel_.resume_at(kernel_.now(), *interrupted_);
  } else {
    release_held();
  }
}

void Node::release_held() {
  for (const fiber::FiberId fiber : std::exchange(held_, {})) {
    kernel_.resume_at(kernel_.now(), fiber);
  }
}

std::uint64_t Node::programs_changed(FaultTag tag) const {
  const auto found = programs_changed_.find(tag);
  return found == programs_changed_.end() ? 0 : found->second;
}

std::uint64_t Node::effect(FaultTag tag) const {
  const auto found = effects_.find(tag);
  return (found == effects_.end() ? 0 : found->second) + clock_.effect(tag) +
         processor_.effect(tag);
}

void Node::step_clock(Duration by, clock::FaultTag tag) {
  clock_.step(by, tag);
  recorder_.report(EventKind::clock_stepped, self_, no_shard, static_cast<std::uint64_t>(by.ns()));
}

void Node::drift_clock(std::int64_t by_ppm, clock::FaultTag tag) {
  clock_.drift(by_ppm, tag);
  rearm();
  recorder_.report(EventKind::clock_drift_set, self_, no_shard,
                   static_cast<std::uint64_t>(clock_.drift_ppm()));
}

void Node::freeze_clock(clock::CatchUp catch_up, clock::FaultTag tag) {
  clock_.freeze(catch_up, tag);
  rearm();
  report_clock();
}

void Node::thaw_clock(clock::FaultTag tag) {
  clock_.thaw(tag);
  rearm();
  report_clock();
}

void Node::smear_clock(Duration by, Duration window, clock::FaultTag tag) {
  clock_.smear(by, window, tag);
  report_clock();
}

void Node::unsmear_clock(clock::FaultTag tag) {
  clock_.unsmear(tag);
  report_clock();
}

void Node::mislead_clock(Duration by, clock::FaultTag tag) {
  clock_.mislead(by, tag);
  report_clock();
}

void Node::correct_clock(clock::FaultTag tag) {
  clock_.correct(tag);
  report_clock();
}

void Node::understate_clock(clock::FaultTag tag) {
  clock_.understate(tag);
  report_clock();
}

void Node::admit_clock(clock::FaultTag tag) {
  clock_.admit(tag);
  report_clock();
}

void Node::report_clock() {
  recorder_.report(EventKind::clock_state_set, self_, no_shard, clock_.conditions(),
                   static_cast<std::uint64_t>(clock_.misled().ns()),
                   static_cast<std::uint64_t>(clock_.smear_target().ns()));
}

void Node::rearm() {
  for (std::uint32_t slot = 0; slot < tasks_.size(); ++slot) {
    Task& task = tasks_[slot];
    if (task.deadline != Instant::never() && kernel_.cancel(task.timer)) arm(slot);
  }
}

env::TaskId Node::id_of(std::uint32_t slot) const {
  return env::TaskId(std::uint64_t{tasks_[slot].generation} << 32 | slot);
}

env::TaskId Node::spawn(const char* name, Callback body) {
  if (!up_) return {};
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(tasks_.size()));
    tasks_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  Task& task = tasks_[slot];
  task.body = std::move(body);
  task.fiber = kernel_.fibers().create([this, slot] { run_task(slot); }, self_.value(), name);
  kernel_.resume_at(kernel_.now(), task.fiber);
  check_memory();
  return id_of(slot);
}

void Node::run_task(std::uint32_t slot) {
  if (hindrances_ > 0) hold();
  const Running running(*this, slot);
  Callback body = std::move(tasks_[slot].body);
  body();
}

void Node::release(std::uint32_t slot) {
  const std::uint32_t generation = tasks_[slot].generation + 1;
  tasks_[slot] = Task{};
  tasks_[slot].generation = generation;
  free_.push_back(slot);
}

env::TaskId Node::current() const {
  CHECK(kernel_.fibers().current_owner() == self_.value(), "only a task of the node has a task");
  return id_of(current_);
}

// Before a resumed task runs on.
void Node::hold() {
  stand_still();
  if (!processor_.slowed()) return;
  processor_.enqueue(kernel_.fibers().current());
  kernel_.fibers().suspend();
  stand_still();
}

// While a stop is on its way or the node is paused.
void Node::stand_still() {
  while (falling_) kernel_.fibers().suspend();
  const fiber::FiberId current = kernel_.fibers().current();
  while (!pausers_.empty() || interrupted_.value_or(current) != current) {
    if (interrupted_ != current) held_.push_back(current);
    for (const FaultTag tag : pausers_) ++effects_[tag];
    kernel_.fibers().suspend();
  }
}

void Node::suspend() {
  const Unguarded waiting(*this);
  kernel_.fibers().suspend();
  if (hindrances_ > 0) hold();
}

void Node::suspend_until(Instant when) {
  const std::uint32_t slot = current_;
  tasks_[slot].timer = kernel_.resume_at(when, tasks_[slot].fiber);
  suspend();
  tasks_[slot].timer = {};
}

void Node::interrupt(Callback action) {
  const Unguarded waiting(*this);
  kernel_.aside(std::move(action));
  if (pausers_.empty()) return stand_still();
  interrupted_ = kernel_.fibers().current();
  ++hindrances_;
  stand_still();
  forget_interrupted();
  release_held();
}

void Node::forget_interrupted() {
  if (!interrupted_) return;
  interrupted_.reset();
  --hindrances_;
}

bool Node::park(Instant deadline) {
  const std::uint32_t slot = current_;
  Task& task = tasks_[slot];
  if (std::exchange(task.woken, false)) return true;
  if (deadline != Instant::never()) {
    if (deadline <= clock_.monotonic()) return false;
    task.deadline = deadline;
    arm(slot);
  }
  task.parked = true;
  suspend();
  return std::exchange(tasks_[slot].woken, false);
}

void Node::wake(env::TaskId id) {
  const auto slot = static_cast<std::uint32_t>(id.value());
  if (!up_ || slot >= tasks_.size() || id_of(slot) != id) return;
  Task& task = tasks_[slot];
  task.woken = true;
  if (!std::exchange(task.parked, false)) return;
  task.deadline = Instant::never();
  kernel_.cancel(std::exchange(task.timer, {}));
  kernel_.resume_at(kernel_.now(), task.fiber);
}

void Node::sleep(Duration span) {
  const std::uint32_t slot = current_;
  if (span <= Duration()) return suspend_until(kernel_.now());
  tasks_[slot].deadline = clock_.monotonic() + span;
  arm(slot);
  suspend();
}

void Node::arm(std::uint32_t slot) {
  Task& task = tasks_[slot];
  task.timer = kernel_.at(clock_.true_time(task.deadline), [this, slot] { timer_fired(slot); });
}

void Node::timer_fired(std::uint32_t slot) {
  Task& task = tasks_[slot];
  task.timer = {};
  task.deadline = Instant::never();
  task.parked = false;
  kernel_.fibers().resume(task.fiber);
}

void Node::report(EventKind kind, ShardId shard, std::uint64_t a, std::uint64_t b,
                  std::uint64_t c) {
  if (up_) recorder_.report(kind, self_, shard, a, b, c);
}

}  // namespace blackout::node
