import { readPhrases } from './read-phrases.ts';

/** Servers of a second catalogue, of 307 tools; the first is `searchedServers`. */
export const moreServers = [
  'cloudflare',
  'eslint',
  'huggingface',
  'jira',
  'mobile',
  'n8n',
  'netlify',
  'notion',
  'pinecone',
  'postgres',
  'repomix',
  'sentry',
  'shadcn',
  'shopify-dev',
  'slack',
  'supabase',
  'tavily',
  'task-master',
  'xcodebuild',
] as const;

/**
 * Phrases that weights and words of the search were chosen with: how well it does with them says nothing of others. Written from recorded
 * names and descriptions alone: 60 of them were drawn by lot from 120, whose others were held back; 102 were written after the search had
 * been read, of tools that no phrase had asked for yet.
 */
export const tuningPhrases = readPhrases(`
copy someone's repo to my account = github-npm__fork_repository
run javascript in the browser tab = chrome-devtools__evaluate_script, firecrawl__firecrawl_interact
restaurants near me open now = brave-search__brave_local_search, brave-search__brave_place_search, google-maps__maps_search_places, mapbox__category_search_tool, mapbox__ground_location_tool
list every url of a domain = firecrawl__firecrawl_map
my CI build is red, show me why = circleci__get_build_failure_logs
how many users are in the collection = mongodb__count
grep text in source files = desktop-commander__start_search
restart a deployment = kubernetes__kubectl_rollout
what columns does the Orders table have = airtable__describe_table, airtable__list_tables
what did the last few changes to main look like = github-npm__list_commits
attach the invoice pdf to that airtable row = airtable__upload_attachment
open a bug ticket on github = github-npm__create_issue
replace a line in a config file on disk = filesystem__edit_file, desktop-commander__edit_block
has CI passed on this PR = github-npm__get_pull_request_status
look up the latest headlines about the election = brave-search__brave_news_search, brave-search__brave_web_search, firecrawl__firecrawl_search
add column to table = airtable__create_field
go back to the previous deploy version = circleci__run_rollback_pipeline, kubernetes__kubectl_rollout
press the submit button on the site = chrome-devtools__click, firecrawl__firecrawl_interact
retry the failed jobs = circleci__rerun_workflow
search internet = brave-search__brave_web_search, brave-search__brave_llm_context, firecrawl__firecrawl_search
screenshot page = chrome-devtools__take_screenshot, firecrawl__firecrawl_scrape
rename a folder = desktop-commander__move_file, filesystem__move_file
browser console errors = chrome-devtools__list_console_messages, chrome-devtools__get_console_message
export the icons of a design as svg = figma__download_figma_images
how do I use the react-query hooks, latest docs = context7__query-docs, context7__resolve-library-id, firecrawl__firecrawl_developer_search
let my office ip reach the database = mongodb__atlas-create-access-list
mongo query documents by filter = mongodb__find, mongodb__aggregate
remove these rows from airtable = airtable__delete_records
which tests fail only sometimes = circleci__find_flaky_tests
record a video of the browser = chrome-devtools__screencast_start
list my bases = airtable__list_bases
change the value of a cell in airtable = airtable__update_records
find rows mentioning acme = airtable__search_records
close the tab = chrome-devtools__close_page
drag the slider to the right = chrome-devtools__drag
fill in the registration form = chrome-devtools__fill_form, chrome-devtools__fill, firecrawl__firecrawl_interact
measure core web vitals = chrome-devtools__performance_start_trace
hit enter = chrome-devtools__press_key
make the browser window smaller = chrome-devtools__resize_page, chrome-devtools__emulate
wait until the page says done = chrome-devtools__wait_for
what css rules apply to the heading = chrome-devtools__get_css_styles
choose a file in the upload dialog = chrome-devtools__upload_file
which projects do I follow in CI = circleci__list_followed_projects
validate ci config yaml = circleci__config_helper
files that the job produced = circleci__list_artifacts
kick off a build = circleci__run_pipeline
are we wasting ci machines = circleci__find_underused_resource_classes
what is the result of the newest pipeline = circleci__get_latest_pipeline_status
send text to a running python repl = desktop-commander__interact_with_process
which programs are running = desktop-commander__list_processes
append a line to a log file = desktop-commander__write_file
open several files at once = filesystem__read_multiple_files, desktop-commander__read_multiple_files
which folders may you touch = filesystem__list_allowed_directories, desktop-commander__get_config
find files called *.ts = filesystem__search_files, desktop-commander__start_search
view an image file = filesystem__read_media_file, desktop-commander__read_file
make a folder = filesystem__create_directory, desktop-commander__create_directory
layout of the figma file = figma__get_figma_data
how many credits are left = firecrawl__firecrawl_credit_usage
turn a pdf into markdown = firecrawl__firecrawl_parse, desktop-commander__read_file
is the crawl finished = firecrawl__firecrawl_check_crawl_status
papers that cite this one = firecrawl__firecrawl_research_related_papers
stop watching the page for changes = firecrawl__firecrawl_monitor_delete, firecrawl__firecrawl_monitor_update
bring the PR up to date with main = github-npm__update_pull_request_branch
github find developers in berlin = github-npm__search_users
diff of a pull request = github-npm__get_pull_request_files
new repo = github-npm__create_repository
opening hours of a shop = google-maps__maps_place_details, mapbox__place_details_tool, brave-search__brave_local_search
what address is at these coordinates = google-maps__maps_reverse_geocode, mapbox__reverse_geocode_tool
square meters of a polygon = mapbox__area_tool
draw points on a map picture = mapbox__static_map_image_tool, mapbox__render_map_tool
clean up a noisy gps track = mapbox__map_matching_tool
500 m circle around a point = mapbox__buffer_tool
relationship between deal and company in the crm = hubspot__hubspot-list-associations, hubspot__hubspot-get-association-definitions
change a contact's phone number in hubspot = hubspot__hubspot-batch-update-objects
take a node out for maintenance = kubernetes__node_management
deploy yaml manifest = kubernetes__kubectl_apply, kubernetes__kubectl_create
reach a pod's port from my laptop = kubernetes__port_forward
remove helm release = kubernetes__uninstall_helm_chart
switch cluster = kubernetes__kubectl_context
list all pods = kubernetes__kubectl_get
show everything you remember = memory__read_graph
Tom and Ann know each other, note that = memory__create_relations
mongo change all matching docs = mongodb__update-many
create mongo user = mongodb__atlas-create-db-user
advice for slow queries = mongodb__atlas-get-performance-advisor
rename mongo collection = mongodb__rename-collection
fields and types of a collection = mongodb__collection-schema
dump query result to a file = mongodb__export
`);

/** Of `moreServers`. */
export const moreTuningPhrases = readPhrases(`
check code style = eslint__lint-files
mark the crash as fixed in sentry = sentry__update_issue
look something up online = tavily__tavily_search, tavily__tavily_research
traffic statistics of my domain = cloudflare__analytics_get
semantic search over my embeddings = pinecone__search-records, pinecone__cascading-search
explain why this exception happens = sentry__analyze_issue_with_seer
fake gps position = mobile__mobile_set_location
alter table add column in the database = supabase__apply_migration
store an api password for n8n = n8n__n8n_manage_credentials
ready-made automation examples = n8n__search_templates
why did my n8n automation fail last night = n8n__n8n_executions
add vectors = pinecone__upsert-records
put my site live on netlify = netlify__netlify-deploy-services-updater
read notion page text = notion__API-retrieve-page-markdown, notion__API-get-block-children
build an automation that sends mail every morning = n8n__n8n_create_workflow
set api key for the worker = cloudflare__secret_put, cloudflare__env_var_set, cloudflare__env_var_bulk_set
remove an app from the device = mobile__mobile_uninstall_app
make a picture from a prompt = cloudflare__ai_image_generation, huggingface__dynamic_space
change assignee of a jira ticket = jira__jira_patch, jira__jira_put
screenshot phone = mobile__mobile_take_screenshot, mobile__mobile_save_screenshot, xcodebuild__screenshot
find my notes about the offsite in notion = notion__API-post-search
file a ticket in jira = jira__jira_post
supabase run select statement = supabase__execute_sql
undo the last edit of a workflow = n8n__n8n_workflow_versions
what are the newest errors in production = sentry__search_issues, sentry__search_events
how much of the code is covered by tests = xcodebuild__get_coverage_report, xcodebuild__get_file_coverage
what tables are in my db = supabase__list_tables
publish a serverless function = supabase__deploy_edge_function, cloudflare__worker_deploy, cloudflare__worker_put
sort results by relevance to the question = pinecone__rerank-documents
push a job onto the queue = cloudflare__queue_send_message, cloudflare__queue_send_batch
who is in the workspace = slack__slack_get_users, notion__API-get-users
list channels = slack__slack_list_channels
which organizations do I have in sentry = sentry__find_organizations
remove a jira comment = jira__jira_delete
who am I on hugging face = huggingface__hf_whoami
run a python script on a gpu in the cloud = huggingface__hf_jobs
move a notion page somewhere else = notion__API-move-page
drop a paragraph from the page = notion__API-delete-a-block
new table in notion = notion__API-create-a-data-source
how many records does the vector index hold = pinecone__describe-index-stats
make a vector index = pinecone__create-index-for-model
database branch for development = supabase__create_branch
ts types for my tables = supabase__generate_typescript_types
bring the paused project back = supabase__restore_project
which postgres extensions are on = supabase__list_extensions
throw away a workflow in n8n = n8n__n8n_delete_workflow
is n8n alive = n8n__n8n_health_check
check a workflow for mistakes = n8n__n8n_validate_workflow, n8n__validate_workflow
all urls of a site = tavily__tavily_map, tavily__tavily_crawl
text of these links = tavily__tavily_extract
show my open todos = task-master__get_tasks
add a note to a subtask = task-master__update_subtask
calculate embeddings for a text = cloudflare__ai_embeddings
which llms are there = cloudflare__ai_list_models
remove a scheduled trigger = cloudflare__cron_delete
list my d1 databases = cloudflare__d1_list_databases
download an object from r2 = cloudflare__r2_get_object
source code of a worker = cloudflare__worker_get
set env variable = cloudflare__env_var_set, cloudflare__env_var_bulk_set, cloudflare__secret_put
read a message from the queue = cloudflare__queue_get_message
remove a dns route = cloudflare__route_delete
earlier versions of a worker = cloudflare__version_list
search in the packed repo = repomix__grep_repomix_output
open the settings app = mobile__mobile_launch_app
rotate the screen = mobile__mobile_set_orientation
press the home button = mobile__mobile_press_button
type a password into the field = mobile__mobile_type_keys
which phones are connected = mobile__mobile_list_available_devices
see what is on the screen = mobile__mobile_list_elements_on_screen, mobile__mobile_take_screenshot, xcodebuild__snapshot_ui, xcodebuild__screenshot
record the screen = mobile__mobile_start_screen_recording, xcodebuild__record_sim_video
start the simulator = xcodebuild__boot_sim, xcodebuild__open_sim, xcodebuild__build_run_sim
remove build products = xcodebuild__clean
install a shadcn button = shadcn__get_add_command_for_items
shopify code check = shopify-dev__validate, shopify-dev__validate_theme
`);
