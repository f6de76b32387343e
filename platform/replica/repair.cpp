#include "platform/replica/repair.hpp"

#include <algorithm>
#include <utility>

#include "host/base/hash.hpp"

namespace blackout::replica {
namespace {

constexpr std::uint32_t silences_max = 3;
constexpr std::size_t part_bytes_max = 256 * 1024;

}  // namespace

std::optional<Repair::Ask> Repair::tick(const std::vector<NodeId>& others) {
  if (complete_) return std::nullopt;
  if (asked_ != no_node) {
    if (++waited_ticks_ < patience_ticks_) return std::nullopt;
    if (++silences_ == silences_max) refuse();
  }
  if (asked_ == no_node) asked_ = others[turn_ % others.size()];
  return ask();
}

std::optional<Repair::Ask> Repair::on_part(NodeId from, const AuditMessage& part) {
  if (complete_ || from != asked_) return std::nullopt;
  if (part.offset == 0) {
    state_.clear();
    index_ = part.index;
    size_ = part.size;
    digest_ = part.digest;
  }
  if (part.index != index_ || part.offset != state_.size() || part.bytes.empty()) {
    return std::nullopt;
  }
  state_.insert(state_.end(), part.bytes.begin(), part.bytes.end());
  silences_ = 0;
  if (state_.size() < size_) return ask();
  complete_ = hash64(state_) == digest_;
  if (!complete_) refuse();
  return std::nullopt;
}

void Repair::hold(const raft::Entry& entry) {
  held_.push_back(entry);
  if (held_.size() <= held_max) return;
  held_after_ = held_.front().index;
  held_.pop_front();
}

void Repair::refuse() {
  ++turn_;
  asked_ = no_node;
  silences_ = 0;
  index_ = raft::Index();
  state_.clear();
  complete_ = false;
}

Repair::Ask Repair::ask() {
  waited_ticks_ = 0;
  AuditMessage message;
  message.index = index_;
  message.offset = state_.size();
  return {asked_, std::move(message)};
}

Offer::Offer(raft::Index index, Bytes state)
    : index_(index), state_(std::move(state)), digest_(hash64(state_)) {}

std::optional<AuditMessage> Offer::part(std::uint64_t offset) {
  idle_ticks_ = 0;
  if (offset >= state_.size()) return std::nullopt;
  const BytesView bytes =
      BytesView(state_).subspan(offset, std::min(state_.size() - offset, part_bytes_max));
  AuditMessage message;
  message.index = index_;
  message.offset = offset;
  message.size = state_.size();
  message.digest = digest_;
  message.bytes.assign(bytes.begin(), bytes.end());
  return message;
}

}  // namespace blackout::replica
