#include "reports/html/escape.hpp"

#include <gtest/gtest.h>

namespace blackout::html {
namespace {

TEST(Escape, TextHoldsNoMarkup) {
  EXPECT_EQ(escaped("</script><img onerror=x> & co"),
            "&lt;/script&gt;&lt;img onerror=x&gt; &amp; co");
}

TEST(Escape, AnAttributeIsNotLeft) {
  EXPECT_EQ(escaped("\" onload='x'"), "&quot; onload=&#39;x&#39;");
}

TEST(Escape, WhatAPageMustNotHoldIsReplaced) {
  EXPECT_EQ(escaped(std::string("a\0b\x1b\x7f", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escaped("two\nlines, größer"), "two\nlines, größer");
}

TEST(Escape, AScriptIsNotEnded) {
  EXPECT_EQ(script_string("</script><!--\"\\\n"),
            R"("\u003c/script\u003e\u003c!--\u0022\u005c\u000a")");
}

}  // namespace
}  // namespace blackout::html
