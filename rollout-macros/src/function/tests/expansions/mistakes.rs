// #[tool(nmae = "x", flush = "wait")]
// const fn find(id: u32) -> u32 {
//     id
// }

::core::compile_error! {
    "unknown option `nmae`: did you mean `name`?"
}
::core::compile_error! {
    "`flush` belongs to a trace, and `#[tool]` opens none: put it on the `#[agent]` or `#[trace]` around"
}
::core::compile_error! {
    "`#[tool]` can't record a `const fn`, as recording reads a clock: remove `const`, or put the attribute on a function that calls this one"
}
const fn find(id: u32) -> u32 {
    id
}
