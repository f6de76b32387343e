// A Disk in memory that remembers what it was asked, so that the disk after any crash can be built.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/check.hpp"
#include "host/env/disk.hpp"

namespace blackout::log {

class MemoryDisk final : public env::Disk {
 public:
  struct Operation {
    enum class Kind { create, write, truncate, sync, remove } kind{};
    std::string file;
    std::uint64_t offset = 0;  // new size for truncate
    Bytes bytes;
  };
  using Files = std::map<std::string, Bytes, std::less<>>;

  MemoryDisk() = default;
  // All of `files` is durable.
  explicit MemoryDisk(Files files) : start_(files), files_(std::move(files)) {}

  Result<env::FileId, env::DiskError> open(std::string_view name, bool create) override {
    if (!files_.contains(name)) {
      if (!create) return failure(env::DiskError::not_found);
      files_[std::string(name)];
      record({Operation::Kind::create, std::string(name), 0, {}});
    }
    names_.emplace_back(name);
    return env::FileId(static_cast<std::uint32_t>(names_.size() - 1));
  }
  Result<std::vector<std::string>, env::DiskError> list() override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files_) names.push_back(name);
    return names;
  }
  Result<void, env::DiskError> write(env::FileId file, std::uint64_t offset,
                                     BytesView bytes) override {
    ++writes;
    if (write_error) return failure(*write_error);
    if (!keeps_operations) return {};
    record({Operation::Kind::write, names_[file.value()], offset, {bytes.begin(), bytes.end()}});
    carry_out(files_, operations_.back());
    return {};
  }
  Result<Bytes, env::DiskError> read(env::FileId file, std::uint64_t offset,
                                     std::size_t size) override {
    const Bytes& content = files_[names_[file.value()]];
    const std::size_t from = std::min<std::size_t>(offset, content.size());
    const std::size_t to = std::min(content.size(), from + size);
    return Bytes(content.begin() + static_cast<std::ptrdiff_t>(from),
                 content.begin() + static_cast<std::ptrdiff_t>(to));
  }
  Result<void, env::DiskError> sync(env::FileId file) override {
    ++syncs;
    if (sync_error) return failure(*sync_error);
    record({Operation::Kind::sync, names_[file.value()], 0, {}});
    return {};
  }
  Result<void, env::DiskError> truncate(env::FileId file, std::uint64_t size) override {
    record({Operation::Kind::truncate, names_[file.value()], size, {}});
    carry_out(files_, operations_.back());
    return {};
  }
  Result<void, env::DiskError> remove(std::string_view name) override {
    record({Operation::Kind::remove, std::string(name), 0, {}});
    carry_out(files_, operations_.back());
    return {};
  }
  [[nodiscard]] std::uint64_t size(env::FileId file) const override {
    return files_.at(names_[file.value()]).size();
  }

  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] const Files& files() const { return files_; }
  [[nodiscard]] Files& files() { return files_; }

  // Every disk that a power loss after the first `done` operations may leave: un-synced ones
  // survive in any subset, and the last surviving write in any prefix (stepping `torn_step` bytes).
  void for_each_power_loss(std::size_t done, std::size_t torn_step,
                           const std::function<void(const Files&)>& visit) const {
    std::vector<bool> pending(done);
    std::vector<std::size_t> unsure;
    for (std::size_t i = done; i-- > 0;) {
      pending[i] = is_pending(i, done);
      if (pending[i]) unsure.insert(unsure.begin(), i);
    }
    CHECK(unsure.size() < 12);
    for (std::uint32_t survivors = 0; survivors < (1u << unsure.size()); ++survivors) {
      std::vector<const Operation*> kept;
      std::size_t last_unsure = 0;
      for (std::size_t i = 0, bit = 0; i < done; ++i) {
        if (pending[i] && ((survivors >> bit++) & 1) == 0) continue;
        kept.push_back(&operations_[i]);
        if (pending[i]) last_unsure = kept.size();
      }
      visit(build(kept, 0, operations_.size()));
      if (last_unsure == 0) continue;
      const Operation& last = *kept[last_unsure - 1];
      if (last.kind != Operation::Kind::write) continue;
      for (std::size_t size = 0; size < last.bytes.size(); size += torn_step) {
        visit(build(kept, last_unsure, size));
      }
    }
  }

  // What the next calls answer.
  std::optional<env::DiskError> write_error, sync_error;
  // Where false, writes go nowhere: for benchmarks.
  bool keeps_operations = true;
  std::size_t writes = 0, syncs = 0;

 private:
  void record(Operation operation) { operations_.push_back(std::move(operation)); }

  [[nodiscard]] bool is_pending(std::size_t at, std::size_t done) const {
    if (operations_[at].kind == Operation::Kind::sync) return false;
    if (operations_[at].kind == Operation::Kind::remove) return false;
    for (std::size_t i = at + 1; i < done; ++i) {
      const Operation& later = operations_[i];
      if (later.kind == Operation::Kind::sync && later.file == operations_[at].file) return false;
    }
    return true;
  }
  // The torn operation is named by its position in `kept` plus 1; 0 for none.
  [[nodiscard]] Files build(const std::vector<const Operation*>& kept, std::size_t torn,
                            std::size_t torn_size) const {
    Files files = start_;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      Operation operation = *kept[i];
      if (i + 1 == torn) operation.bytes.resize(torn_size);
      carry_out(files, operation);
    }
    return files;
  }
  static void carry_out(Files& files, const Operation& operation) {
    Bytes& content = files[operation.file];
    switch (operation.kind) {
      case Operation::Kind::write: {
        const std::size_t end = operation.offset + operation.bytes.size();
        if (content.size() < end) content.resize(end);
        std::copy(operation.bytes.begin(), operation.bytes.end(),
                  content.begin() + static_cast<std::ptrdiff_t>(operation.offset));
        break;
      }
      case Operation::Kind::truncate:
        content.resize(operation.offset);
        break;
      case Operation::Kind::remove:
        files.erase(operation.file);
        break;
      case Operation::Kind::create:
      case Operation::Kind::sync:
        break;
    }
  }

  Files start_, files_;
  std::vector<std::string> names_;
  std::vector<Operation> operations_;
};

}  // namespace blackout::log
