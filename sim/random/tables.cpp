#include "sim/random/tables.hpp"

#include "host/base/hash.hpp"

namespace blackout::random {
namespace {

constexpr double ln2 = 0.693147180559945309417232121458;

// 1 <= x <= 2, by 2 artanh((x - 1) / (x + 1)).
constexpr double natural_log(double x) {
  const double y = (x - 1.0) / (x + 1.0);
  const double square = y * y;
  double power = y;
  double sum = 0.0;
  for (int k = 1; k < 40; k += 2) {
    sum = sum + power / static_cast<double>(k);
    power = power * square;
  }
  return 2.0 * sum;
}

// 0 <= x <= 1.
constexpr double exponential_of(double x) {
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; k < 24; ++k) {
    term = term * x / static_cast<double>(k);
    sum = sum + term;
  }
  return sum;
}

constexpr double square_root(double x) {
  double root = x > 1.0 ? x : 1.0;
  for (int i = 0; i < 12; ++i) root = 0.5 * (root + x / root);
  return root;
}

constexpr double polynomial(const std::array<double, 8>& coefficients, double x) {
  double value = 0.0;
  for (const double coefficient : coefficients) value = value * x + coefficient;
  return value;
}

// AS241's three regions, highest power first.
constexpr std::array<double, 8> centre_over{2.5090809287301226727e+3, 3.3430575583588128105e+4,
                                            6.7265770927008700853e+4, 4.5921953931549871457e+4,
                                            1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                            1.3314166789178437745e+2, 3.3871328727963666080e+0};
constexpr std::array<double, 8> centre_under{5.2264952788528545610e+3, 2.8729085735721942674e+4,
                                             3.9307895800092710610e+4, 2.1213794301586595867e+4,
                                             5.3941960214247511077e+3, 6.8718700749205790830e+2,
                                             4.2313330701600911252e+1, 1.0};
constexpr std::array<double, 8> middle_over{7.74545014278341407640e-4, 2.27238449892691845833e-2,
                                            2.41780725177450611770e-1, 1.27045825245236838258e+0,
                                            3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                            4.63033784615654529590e+0, 1.42343711074968357734e+0};
constexpr std::array<double, 8> middle_under{1.05075007164441684324e-9, 5.47593808499534494600e-4,
                                             1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                             6.89767334985100004550e-1, 1.67638483018380384940e+0,
                                             2.05319162663775882187e+0, 1.0};
constexpr std::array<double, 8> tail_over{2.01033439929228813265e-7, 2.71155556874348757815e-5,
                                          1.24266094738807843860e-3, 2.65321895265761230930e-2,
                                          2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                          5.46378491116411436990e+0, 6.65790464350110377720e+0};
constexpr std::array<double, 8> tail_under{2.04426310338993978564e-15, 1.42151175831644588870e-7,
                                           1.84631831751005468180e-5,  7.86869131145613259100e-4,
                                           1.48753612908506148525e-2,  1.36929880922735805310e-1,
                                           5.99832206555887937690e-1,  1.0};

// The quantile at probability mantissa * 2^-halvings <= 1/2, mantissa in [1, 2].
constexpr double normal_quantile(double mantissa, int halvings) {
  double p = mantissa;
  for (int i = 0; i < halvings; ++i) p = p * 0.5;
  const double q = p - 0.5;
  if (q >= -0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(centre_over, r) / polynomial(centre_under, r);
  }
  const double r = square_root(static_cast<double>(halvings) * ln2 - natural_log(mantissa));
  if (r <= 5.0) return -polynomial(middle_over, r - 1.6) / polynomial(middle_under, r - 1.6);
  return -polynomial(tail_over, r - 5.0) / polynomial(tail_under, r - 5.0);
}

constexpr std::int64_t fixed_point(double value, int bits) {
  for (int i = 0; i < bits; ++i) value = value * 2.0;
  return static_cast<std::int64_t>(value < 0.0 ? value - 0.5 : value + 0.5);
}

constexpr auto make_ln() {
  std::array<std::int64_t, 257> table{};
  for (int i = 0; i <= 256; ++i) {
    table[i] = fixed_point(natural_log(1.0 + static_cast<double>(i) / 256.0), 32);
  }
  return table;
}

constexpr auto make_exp2() {
  std::array<std::uint64_t, 257> table{};
  for (int i = 0; i <= 256; ++i) {
    const double power = exponential_of(static_cast<double>(i) * ln2 / 256.0);
    table[i] = static_cast<std::uint64_t>(fixed_point(power, 38));
  }
  return table;
}

constexpr auto make_normal() {
  std::array<std::int64_t, normal_octaves * normal_segments + 1> table{};
  for (int octave = 0; octave < normal_octaves; ++octave) {
    for (int segment = 0; segment < normal_segments; ++segment) {
      const double mantissa = 1.0 + static_cast<double>(segment) / normal_segments;
      table[octave * normal_segments + segment] =
          fixed_point(normal_quantile(mantissa, normal_octaves + 1 - octave), 32);
    }
  }
  table[normal_octaves * normal_segments] = 0;
  return table;
}

template <class Table>
constexpr std::uint64_t digest(const Table& table) {
  std::uint64_t hash = table.size();
  for (const auto value : table) hash = combine64(hash, static_cast<std::uint64_t>(value));
  return hash;
}

}  // namespace

constexpr std::array<std::int64_t, 257> ln_q32 = make_ln();
constexpr std::array<std::uint64_t, 257> exp2_q38 = make_exp2();
constexpr std::array<std::int64_t, normal_octaves* normal_segments + 1> normal_q32_knots =
    make_normal();

static_assert(digest(ln_q32) == 0xF80803376E34E8D1,
              "this compiler makes another table: runs would not replay");
static_assert(digest(exp2_q38) == 0x709519279BF5051A,
              "this compiler makes another table: runs would not replay");
static_assert(digest(normal_q32_knots) == 0x142D981504065FE9,
              "this compiler makes another table: runs would not replay");

}  // namespace blackout::random
