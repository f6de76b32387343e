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

  // Forks `workers` processes that do `work`; call from a process with one thread. They hear
  // neither Ctrl-C nor outlive this process; SIGTERM ends them with what they run.
  Fleet(std::size_t workers, const Work& work);
  // Ends the workers, whatever they are at.
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  [[nodiscard]] bool idle() const;  // some worker has nothing to do
  [[nodiscard]] bool busy() const;  // some worker has
  // Only where idle().
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
  std::vector<Worker> workers_;
};

}  // namespace blackout::explore
