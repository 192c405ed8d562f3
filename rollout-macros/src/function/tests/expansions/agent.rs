// #[agent]
// /// Answers a question.
// pub fn answer(question: &str) -> Result<String, Error> {
//     let found = search(question)?;
//     Ok(found.join("\n"))
// }

/// Answers a question.
pub fn answer(question: &str) -> Result<String, Error> {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                        ::rollout::__private::Kind::Trace,
                        "answer",
                    )
                    .input(true)
                    .output(true)
            },
            |__rollout_opening| {
                __rollout_opening
                    .argument("question", ::rollout::__private::capture!(& question));
            },
        )
        .open();
    let __rollout_result = __rollout_call
        .run(move || -> Result<String, Error> {
            let found = search(question)?;
            Ok(found.join("\n"))
        });
    ::rollout::__private::outcome!(__rollout_call, & __rollout_result);
    __rollout_call.end();
    __rollout_result
}
