// What the library asks of the disk, carried out in its order by a task of its own.
#include <algorithm>
#include <utility>

#include "harness/system/libraft/member.hpp"

namespace blackout::system::libraft {
namespace {

constexpr std::size_t batch_max = 256;

}  // namespace

int Member::enqueue(Job job) { return jobs_.try_send(std::move(job)) ? 0 : RAFT_TOOMANY; }

void Member::work_for_ever() {
  while (true) {
    auto batch = std::make_shared<Batch>();
    batch->push_back(std::move(*jobs_.receive()));
    while (jobs_.size() > 0 && batch->size() < batch_max) {
      batch->push_back(std::move(*jobs_.receive()));
    }
    carry_out(*batch);
    inbox_.send([this, batch] {
      for (Job& job : *batch) finish(job);
    });
  }
}

void Member::carry_out(Batch& batch) {
  std::size_t settled = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Job& job = batch[i];
    switch (job.kind) {
      case Job::Kind::append:
        job.done = job.epoch > failed_epoch_ && storage_.append(job.first, job.entries);
        if (!job.done) fail(batch, settled, i + 1);
        break;
      case Job::Kind::truncate:
        if (!storage_.truncate(job.first)) fail(batch, settled, i);
        break;
      case Job::Kind::put:
        settle(batch, settled, i);
        settled = i;
        job.done = storage_.put(job.image, job.base, job.keep_log);
        break;
      case Job::Kind::get:
        break;
    }
  }
  settle(batch, settled, batch.size());
}

void Member::settle(Batch& batch, std::size_t from, std::size_t to) {
  if (!storage_.sync()) return fail(batch, from, to);
  for (std::size_t i = from; i < to; ++i) {
    const Job& job = batch[i];
    if (job.kind != Job::Kind::append || !job.done) continue;
    report(EventKind::log_durable, job.first + job.entries.size() - 1, job.last.term,
           job.last.chain);
  }
}

void Member::fail(Batch& batch, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    if (batch[i].kind != Job::Kind::append) continue;
    batch[i].done = false;
    failed_epoch_ = std::max(failed_epoch_, batch[i].epoch);
  }
}

// In the loop.
void Member::finish(Job& job) {
  const int status = job.done ? 0 : RAFT_IOERR;
  switch (job.kind) {
    case Job::Kind::append: {
      if (!job.done && job.epoch == epoch_) {
        ++epoch_;
        log_.cut(storage_.last() + 1);
        report(EventKind::log_truncated, storage_.last() + 1, raft_.current_term);
      }
      auto* request = static_cast<raft_io_append*>(job.request);
      return inside([&] { request->cb(request, status); });
    }
    case Job::Kind::truncate:
      return;
    case Job::Kind::put: {
      if (job.done && job.keep_log) {
        report(EventKind::snapshot_taken, job.image->index, job.image->data.size());
      }
      if (job.done && !job.keep_log) log_.reset(job.base);
      auto* request = static_cast<raft_io_snapshot_put*>(job.request);
      return inside([&] { request->cb(request, status); });
    }
    case Job::Kind::get: {
      auto* request = static_cast<raft_io_snapshot_get*>(job.request);
      const auto& image = storage_.snapshot();
      return inside([&] {
        request->cb(request, image ? copy_of(*image) : nullptr, image ? 0 : RAFT_NOTFOUND);
      });
    }
  }
}

}  // namespace blackout::system::libraft
