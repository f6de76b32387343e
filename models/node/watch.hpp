// A node's network and disk as its program sees them while a fault waits for the n-th send or
// persist: each call passes on, and the moments before and after are told to the node.
//
// A node that no such fault concerns hands out the models themselves, at no cost.
#pragma once

#include <cstdint>

#include "host/env/disk.hpp"
#include "host/env/network.hpp"

namespace blackout::node {

// A persist is a sync; after it means that it succeeded.
enum class Moment : std::uint8_t { before_persist, after_persist, before_send, after_send };

class Watch final : public env::Network, public env::Disk {
 public:
  class Host {
   public:
    // From a task; does not return where the node falls.
    virtual void passed(Moment moment) = 0;

   protected:
    ~Host() = default;
  };

  Watch(env::Network& network, env::Disk& disk, Host& host)
      : network_(network), disk_(disk), host_(host) {}

  void send(NodeId to, Bytes message) override;
  env::Envelope receive() override { return network_.receive(); }

  Result<env::FileId, env::DiskError> open(std::string_view name, bool create) override {
    return disk_.open(name, create);
  }
  Result<std::vector<std::string>, env::DiskError> list() override { return disk_.list(); }
  Result<void, env::DiskError> write(env::FileId file, std::uint64_t offset,
                                     BytesView bytes) override {
    return disk_.write(file, offset, bytes);
  }
  Result<Bytes, env::DiskError> read(env::FileId file, std::uint64_t offset,
                                     std::size_t size) override {
    return disk_.read(file, offset, size);
  }
  Result<void, env::DiskError> sync(env::FileId file) override;
  Result<void, env::DiskError> truncate(env::FileId file, std::uint64_t size) override {
    return disk_.truncate(file, size);
  }
  Result<void, env::DiskError> remove(std::string_view name) override { return disk_.remove(name); }
  [[nodiscard]] std::uint64_t size(env::FileId file) const override { return disk_.size(file); }

 private:
  env::Network& network_;
  env::Disk& disk_;
  Host& host_;
};

}  // namespace blackout::node
