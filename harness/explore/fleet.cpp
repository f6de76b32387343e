#include "harness/explore/fleet.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include "host/base/check.hpp"

namespace blackout::explore {
namespace {

constexpr std::size_t header = sizeof(std::uint64_t);

bool write_all(int to, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::send(to, bytes, size, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int from, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(from, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// A length and that many bytes.
bool send_text(int to, const std::string& text) {
  const std::uint64_t size = text.size();
  return write_all(to, reinterpret_cast<const char*>(&size), header) &&
         write_all(to, text.data(), text.size());
}

[[noreturn]] void serve(int line, const Fleet::Work& work) {
  std::uint64_t size = 0;
  while (read_all(line, reinterpret_cast<char*>(&size), header)) {
    std::string task(size, '\0');
    if (!read_all(line, task.data(), size)) break;
    try {
      if (!send_text(line, work(task))) break;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "blackout: internal error: %s\n", error.what());
      ::_exit(1);
    }
  }
  ::_exit(0);
}

}  // namespace

Fleet::Fleet(std::size_t workers, Work work, std::function<void()> prepare)
    : work_(std::move(work)), prepare_(std::move(prepare)), workers_(workers) {
  for (Worker& worker : workers_) start(worker);
}

Fleet::~Fleet() {
  for (Worker& worker : workers_) end(worker);
}

void Fleet::start(Worker& worker) {
  std::array<int, 2> ends{};
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, std::strerror(errno));
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  CHECK(process >= 0, std::strerror(errno));
  if (process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    ::signal(SIGINT, SIG_IGN);
    if (prepare_) {
      prepare_();
    } else {
      ::signal(SIGTERM, SIG_DFL);
    }
    for (const Worker& other : workers_) {
      if (other.line >= 0) ::close(other.line);
    }
    ::close(ends[0]);
    serve(ends[1], work_);
  }
  ::close(ends[1]);
  worker = {process, ends[0], {}, {}};
}

void Fleet::end(Worker& worker) {
  ::close(worker.line);
  ::kill(worker.process, SIGTERM);
  while (::waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
  }
  worker.line = -1;
}

bool Fleet::idle() const {
  for (const Worker& worker : workers_) {
    if (!worker.at) return true;
  }
  return false;
}

bool Fleet::busy() const {
  for (const Worker& worker : workers_) {
    if (worker.at) return true;
  }
  return false;
}

void Fleet::give(std::uint64_t id, const std::string& task) {
  for (Worker& worker : workers_) {
    if (worker.at) continue;
    worker.at = id;
    send_text(worker.line, task);  // a worker that is gone is seen by next()
    return;
  }
  CHECK(false, "every worker has a task");
}

std::optional<Fleet::Answer> Fleet::next(int milliseconds) {
  std::vector<pollfd> ready;
  for (const Worker& worker : workers_) ready.push_back({worker.line, POLLIN, 0});
  if (::poll(ready.data(), ready.size(), milliseconds) <= 0) return {};
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (ready[i].revents == 0) continue;
    Worker& worker = workers_[i];
    std::array<char, 65536> block;
    const ssize_t size = ::read(worker.line, block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      Answer died{worker.at.value_or(0), {}};
      const bool had_task = worker.at.has_value();
      end(worker);
      start(worker);
      if (had_task) return died;
      continue;
    }
    worker.text.append(block.data(), static_cast<std::size_t>(size));
    std::uint64_t length = 0;
    if (worker.text.size() < header) continue;
    std::memcpy(&length, worker.text.data(), header);
    if (worker.text.size() < header + length) continue;
    Answer answer{*worker.at, worker.text.substr(header)};
    worker.at.reset();
    worker.text.clear();
    return answer;
  }
  return {};
}

}  // namespace blackout::explore
