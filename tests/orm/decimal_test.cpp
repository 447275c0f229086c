#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <tandem/orm/decimal.hpp>

#include "support/oracle.hpp"

using Catch::Matchers::ContainsSubstring;
using tandem::Decimal;
using Price = Decimal<10, 2>;

TEST_CASE("a decimal is read and written with all its digits") {
    CHECK(Price{"123.45"}.to_string() == "123.45");
    CHECK(Price{"12345678.99"}.to_string() == "12345678.99");
    CHECK(Price{"-0.05"}.to_string() == "-0.05");
    CHECK(Price{"+7"}.to_string() == "7.00");
    CHECK(Price{".5"}.to_string() == "0.50");
    CHECK(Price{"3."}.to_string() == "3.00");
    CHECK(Price{}.to_string() == "0.00");
    CHECK(Decimal<5, 0>{"42"}.to_string() == "42");
    CHECK(Decimal<18, 18>{"-0.999999999999999999"}.to_string() == "-0.999999999999999999");
}

TEST_CASE("more digits after the point are rounded, half away from zero") {
    CHECK(Price{"1.005"} == Price{"1.01"});
    CHECK(Price{"-1.005"} == Price{"-1.01"});
    CHECK(Price{"1.0049999"} == Price{"1.00"});
    CHECK(Price{"2.675"} == Price{"2.68"});
    CHECK(Price{"0.004"} == Price{"0"});
    CHECK(Price{"99999999.994"} == Price{"99999999.99"});
    // A long tail counts as well: more than a half is more than a half.
    CHECK(Price{"1.00500000000000000000000000000001"} == Price{"1.01"});
    CHECK(Price{"1.00499999999999999999999999999999"} == Price{"1.00"});
    CHECK(Decimal<4, 0>{"0.5"} == Decimal<4, 0>{1});
    CHECK(Decimal<4, 0>{"0.49999999999999999999999"} == Decimal<4, 0>{0});
}

TEST_CASE("what does not fit a decimal's digits is refused, naming how many it has") {
    CHECK_THAT(error_of<tandem::ValueError>([] { Price{"100000000"}; }),
        ContainsSubstring("at most 8 digits before the decimal point"));
    CHECK_THROWS_AS(Price{"99999999.995"}, tandem::ValueError);  // rounds to 9 digits
    CHECK_THROWS_AS(Price{"12345678901234567890123456789"}, tandem::ValueError);
    CHECK_THROWS_AS((Decimal<18, 0>{"1000000000000000000"}), tandem::ValueError);
    CHECK_THROWS_AS(Price{std::numeric_limits<std::int64_t>::min()}, tandem::ValueError);
    CHECK_THROWS_AS(Price{std::numeric_limits<std::uint64_t>::max()}, tandem::ValueError);
    CHECK((Decimal<18, 0>{"999999999999999999"}).units() == 999999999999999999);
}

TEST_CASE("what is no decimal number is refused") {
    for (const char* text : {"", ".", "-", "+-1", "1e3", "1,5", "0x10", " 1", "1 ", "nan", "inf", "1.2.3", "١"}) {
        INFO(text);
        CHECK_FALSE(Price::parse(text));
    }
    CHECK_THAT(error_of<tandem::ValueError>([] { Price{"abc"}; }), ContainsSubstring("\"abc\""));
}

TEST_CASE("decimals add, multiply and divide exactly, rounding once") {
    CHECK(Price{"0.10"} + Price{"0.20"} == Price{"0.30"});
    CHECK(Price{"19.99"} * 3 + Price{"0.01"} == Price{"59.98"});
    CHECK(Price{"1.00"} - Price{"0.01"} == Price{"0.99"});
    CHECK(Price{"10.00"} / 3 == Price{"3.33"});
    CHECK(Price{"20.00"} / 3 == Price{"6.67"});
    CHECK(Price{"0.05"} / 2 == Price{"0.03"});  // 0.025
    CHECK(Price{"-0.05"} / 2 == Price{"-0.03"});
    CHECK(Price{"-0.05"} / -2 == Price{"0.03"});
    CHECK(Price{"100.00"} * Decimal<6, 4>{"0.1925"} == Price{"19.25"});
    CHECK(Price{"1.00"} / Decimal<6, 4>{"0.25"} == Price{"4.00"});
    CHECK(-Price{"1.50"} == Price{"-1.50"});
    CHECK_THROWS_AS(Price{"99999999.99"} + Price{"0.01"}, tandem::ValueError);
    CHECK_THROWS_AS(Price{"99999999"} * 2, tandem::ValueError);
    CHECK_THROWS_AS(Price{1} / 0, tandem::ValueError);
}

TEST_CASE("decimals compare as numbers") {
    CHECK(Price{"9.50"} < Price{"10"});
    CHECK(Price{"-1"} < Price{"0"});
    CHECK(Price{"1.50"} == Price{"1.5"});
    CHECK(Price{2} > Price{"1.99"});
}

TEST_CASE("a double becomes a decimal by its shortest text, and only when asked") {
    CHECK(Price::from_double(0.1) == Price{"0.10"});
    CHECK(Price::from_double(1.005) == Price{"1.01"});  // its binary value is below, its text is what was meant
    CHECK(Price::from_double(-2.5) == Price{"-2.50"});
    CHECK(Price::from_double(5e-324) == Price{0});
    CHECK_THROWS_AS(Price::from_double(1e300), tandem::ValueError);
    CHECK_THROWS_AS(Price::from_double(std::numeric_limits<double>::quiet_NaN()), tandem::ValueError);
    STATIC_CHECK_FALSE(std::is_constructible_v<Price, double>);
    CHECK(Price{"123.45"}.to_double() == 123.45);
}

TEST_CASE("a decimal changes its precision when told to, rounding or refusing") {
    CHECK(Decimal<6, 1>{Price{"12.35"}} == Decimal<6, 1>{"12.4"});
    CHECK(Decimal<12, 4>{Price{"12.35"}}.to_string() == "12.3500");
    CHECK_THROWS_AS((Decimal<3, 2>{Price{"12.35"}}), tandem::ValueError);
}
