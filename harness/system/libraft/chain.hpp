// Term and digest of each entry of one log, as it was handed to the disk: an entry's digest covers
// all before it.
#pragma once

#include <vector>

#include "harness/system/libraft/storage.hpp"
#include "host/base/hash.hpp"

namespace blackout::system::libraft {

class Chain {
 public:
  struct Link {
    std::uint64_t term = 0, chain = 0;
  };

  void reset(const LogBase& base) {
    base_ = base;
    links_.clear();
  }
  // The entry at `index`; what stood there and behind it goes. Indexes that it leaves out are not
  // known.
  Link set(std::uint64_t index, const Entry& entry) {
    const std::uint64_t before = at(index - 1).chain;
    const std::uint64_t kind = combine64(entry.term, entry.type);
    const Link link{entry.term, combine64(before, combine64(kind, hash64(entry.data)))};
    links_.resize(index - base_.index - 1);
    links_.push_back(link);
    return link;
  }
  void cut(std::uint64_t from) {
    if (from > base_.index && from <= last()) links_.resize(from - base_.index - 1);
  }
  [[nodiscard]] std::uint64_t last() const { return base_.index + links_.size(); }
  // Zeros where it is not known.
  [[nodiscard]] Link at(std::uint64_t index) const {
    if (index == base_.index) return {base_.term, base_.chain};
    if (index < base_.index || index > last()) return {};
    return links_[index - base_.index - 1];
  }
  [[nodiscard]] const LogBase& base() const { return base_; }

 private:
  LogBase base_;
  std::vector<Link> links_;
};

}  // namespace blackout::system::libraft
