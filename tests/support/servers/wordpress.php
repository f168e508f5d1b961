<?php
// Installs WordPress and fills it with what stands in the JSON file given; prints ids as JSON.
define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = getenv( 'WORDPRESS_HOST' );
require getenv( 'WORDPRESS_ROOT' ) . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

$world = json_decode( file_get_contents( $argv[1] ), true );
wp_install( 'Works blog', $world['user'], 'admin@example.com', true, '', $world['password'] );
wp_delete_post( 1, true );
wp_delete_post( 2, true );
wp_delete_post( 3, true );
foreach ( $world['options'] as $name => $value ) {
	update_option( $name, $value );
}
$wp_rewrite->init();
$wp_rewrite->set_permalink_structure( '/%postname%/' );
$wp_rewrite->flush_rules( false );
wp_set_current_user( 1 );
kses_remove_filters();

$passwords = array();
foreach ( $world['readers'] as $name => $role ) {
	$id = 'administrator' === $role ? 1 : wp_create_user( $name, $world['password'], "$name@example.com" );
	( new WP_User( $id ) )->set_role( $role );
	$made = WP_Application_Passwords::create_new_application_password( $id, array( 'name' => 'foyer' ) );
	$passwords[ $name ] = $made[0];
}
$ids = array();
foreach ( $world['posts'] as $post ) {
	$categories = array();
	foreach ( $post['categories'] ?? array() as $category ) {
		$categories[] = wp_create_category( $category );
	}
	$post['post_category'] = $categories;
	$ids[ $post['post_title'] ] = wp_insert_post( wp_slash( $post + array( 'post_author' => 1 ) ) );
}
echo "\n", json_encode( array( 'ids' => $ids, 'passwords' => $passwords ) );
