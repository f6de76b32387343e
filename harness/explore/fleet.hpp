// Worker processes: each performs tasks one after the other, a text in, a text out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace blackout::explore {

class Fleet {
 public:
  using Work = std::function<std::string(const std::string& task)>;

  // Forks `workers` processes that do `work`, each after `prepare`; call from a process with one
  // thread. They do not hear Ctrl-C and do not outlive this process. What leaves `work` is printed,
  // and ends its worker. Throws CheckFailed where the system gives no process.
  Fleet(std::size_t workers, Work work, std::function<void()> prepare = {});
  // Sends SIGTERM to the workers, whatever they are at, and waits until they are gone. By default
  // they end at once; `prepare` may have them end in order.
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  [[nodiscard]] bool idle() const;  // some worker has nothing to do
  [[nodiscard]] bool busy() const;  // some worker has
  // Only where idle(), else CHECK. `id` is the caller's name for the task.
  void give(std::uint64_t id, const std::string& task);

  struct Answer {
    std::uint64_t id = 0;
    std::optional<std::string> text;  // none: the worker's process died of the task
  };
  // Waits at most `milliseconds` for an answer. A worker that died is replaced.
  std::optional<Answer> next(int milliseconds);

 private:
  struct Worker {
    int process = 0;
    int line = -1;  // tasks out, answers in
    std::optional<std::uint64_t> at;
    std::string text;
  };

  void start(Worker& worker);
  static void end(Worker& worker);

  Work work_;
  std::function<void()> prepare_;
  std::vector<Worker> workers_;
};

}  // namespace blackout::explore
