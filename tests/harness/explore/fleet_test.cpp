#include "harness/explore/fleet.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

namespace blackout::explore {
namespace {

std::string shout(const std::string& task) {
  if (task == "die") ::_exit(3);
  if (task == "crash") ::abort();
  return task + "!";
}

std::map<std::uint64_t, std::optional<std::string>> all_answers(
    Fleet& fleet, const std::vector<std::string>& tasks) {
  std::map<std::uint64_t, std::optional<std::string>> answers;
  std::uint64_t next = 0;
  for (int look = 0; answers.size() < tasks.size() && look < 10'000; ++look) {
    while (fleet.idle() && next < tasks.size()) {
      fleet.give(next, tasks[next]);
      ++next;
    }
    if (const auto answer = fleet.next(100)) answers[answer->id] = answer->text;
  }
  return answers;
}

TEST(Fleet, AnswersEveryTaskWhateverItsSize) {
  Fleet fleet(3, shout);
  std::vector<std::string> tasks;
  for (std::size_t i = 0; i < 40; ++i) tasks.push_back(std::string(i * 9'000, 'x'));
  const auto answers = all_answers(fleet, tasks);
  ASSERT_EQ(answers.size(), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) EXPECT_EQ(answers.at(i), tasks[i] + "!");
  EXPECT_FALSE(fleet.busy());
}

TEST(Fleet, ReplacesAWorkerThatDiesOfItsTask) {
  Fleet fleet(2, shout);
  const auto answers = all_answers(fleet, {"a", "die", "b", "crash", "c", "d"});
  ASSERT_EQ(answers.size(), 6u);
  EXPECT_EQ(answers.at(0), "a!");
  EXPECT_EQ(answers.at(1), std::nullopt);
  EXPECT_EQ(answers.at(3), std::nullopt);
  EXPECT_EQ(answers.at(5), "d!");
}

TEST(Fleet, EndsItsWorkersWithItself) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  {
    Fleet fleet(1, [&](const std::string&) {
      while (true) ::pause();
      return std::string();
    });
    fleet.give(0, "forever");
    ::close(ends[1]);
  }
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);  // nobody holds the other end any more
  ::close(ends[0]);
}

}  // namespace
}  // namespace blackout::explore
