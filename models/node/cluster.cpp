#include "models/node/cluster.hpp"

#include <exception>
#include <utility>

#include "host/base/check.hpp"
#include "host/base/hash.hpp"
#include "sim/guard/guard.hpp"

namespace blackout::node {

Cluster::Cluster(kernel::Kernel& kernel, trace::Recorder& recorder, random::Key key,
                 Settings settings)
    : kernel_(kernel),
      recorder_(recorder),
      settings_(std::move(settings)),
      network_(kernel, recorder, key, settings_.network) {
  CHECK(settings_.clocks.empty() || settings_.clocks.size() == network_.size());
  settings_.clocks.resize(network_.size());
  for (std::uint32_t id = 0; id < network_.size(); ++id) {
    disk::Profile disk = settings_.disk;
    if (settings_.still_disks.contains(NodeId(id))) {
      disk.sync_p99 = disk.sync_median;
      disk.read_p99 = disk.read_median;
    }
    nodes_.push_back(std::make_unique<Node>(kernel, recorder, key, NodeId(id), network_, disk,
                                            settings_.clocks[id]));
  }
  kernel_.fibers().on_failure(&Cluster::task_failed, this);
  guard::on_violation(&Cluster::guard_violated, this);
}

Cluster::~Cluster() {
  nodes_.clear();
  guard::on_violation(nullptr, nullptr);
  kernel_.fibers().on_failure(nullptr, nullptr);
}

Node& Cluster::node(NodeId id) { return *nodes_.at(id.value()); }

void Cluster::fail(Failure failure) {
  kernel_.stop();
  if (failure_) return;
  const auto* text = reinterpret_cast<const std::uint8_t*>(failure.text.data());
  recorder_.report(EventKind::task_failed, failure.node, no_shard,
                   hash64(BytesView(text, failure.text.size())));
  failure_ = std::move(failure);
}

void Cluster::task_failed(void* self, std::uint32_t owner, const char* name,
                          std::exception_ptr error) {
  Failure failure{Failure::Kind::exception, NodeId(owner), name, {}};
  try {
    std::rethrow_exception(error);
  } catch (const CheckFailed& failed) {
    failure.kind = Failure::Kind::check;
    failure.text = failed.where + ": " + failed.what;
  } catch (const std::exception& exception) {
    failure.text = exception.what();
  }
  static_cast<Cluster*>(self)->fail(std::move(failure));
}

void Cluster::guard_violated(void* self, const char* function, std::uint32_t owner) {
  guard::leave();
  auto* cluster = static_cast<Cluster*>(self);
  cluster->fail({Failure::Kind::guard, NodeId(owner), {}, function});
  cluster->kernel_.fibers().abandon();
}

}  // namespace blackout::node
