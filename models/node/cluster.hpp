// All machines of one world, the network between them, and the first failure of their programs.
//
// While it lives it owns two hooks: the fiber pool's failure handler and the guard's violation
// handler (the guard is one per process: one cluster at a time on a thread).
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/node/node.hpp"

namespace blackout::node {

struct Settings {
  network::Settings network;  // names the nodes by their places
  disk::Profile disk;
  std::set<NodeId> still_disks;         // every access takes the median
  std::vector<clock::Settings> clocks;  // by node; empty: perfect ones
};

// The program under test is wrong; the run has stopped.
struct Failure {
  enum class Kind : std::uint8_t { exception, check, guard };
  Kind kind;
  NodeId node;
  std::string task;  // empty for a guard violation
  std::string text;  // of the exception; the check and its place; the forbidden function
};

class Cluster {
 public:
  Cluster(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key, Settings settings);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] Node& node(NodeId id);
  [[nodiscard]] network::Network& network() { return network_; }
  [[nodiscard]] const network::Network& network() const { return network_; }

  // Set when an exception left a task, a CHECK failed in one, or one called a forbidden function;
  // the kernel then stops after the current event.
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 private:
  void fail(Failure failure);
  static void task_failed(void* self, std::uint32_t owner, const char* name,
                          std::exception_ptr error);
  static void guard_violated(void* self, const char* function, std::uint32_t owner);

  kernel::Kernel& kernel_;
  trace::Recorder& recorder_;
  Settings settings_;
  network::Network network_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::optional<Failure> failure_;
};

}  // namespace blackout::node
