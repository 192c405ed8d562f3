// #[span("retrieval", name = "search the manual", capture_output)]
// fn search(query: &str) -> Vec<Page> {
//     index().search(query)
// }

fn search(query: &str) -> Vec<Page> {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                        ::rollout::__private::Kind::Span("retrieval"),
                        "search the manual",
                    )
                    .output(true)
            },
            |__rollout_opening| {},
        )
        .open();
    let __rollout_result = __rollout_call
        .run(move || -> Vec<Page> { index().search(query) });
    ::rollout::__private::outcome!(__rollout_call, & __rollout_result);
    __rollout_call.end();
    __rollout_result
}
