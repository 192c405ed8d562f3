//! Compiles each case by itself. Those in `pass/` build and run; those in `fail/` do not build, and the
//! compiler says what stands beside them.
//!
//! With `TRYBUILD=overwrite` in the environment the messages are written anew; read them as a user
//! would before you keep them.

#[test]
fn cases_compile_or_say_why_not() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/**/*.rs");
    cases.pass("pass/**/*.rs");
}
