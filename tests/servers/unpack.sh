#!/bin/sh
# Unpack Debian's packages of the PHP servers into the folder given, without installing them.
#
# Installed, they would bring Apache and start services. Unpacked, they need no administrator. Links
# and paths that lead from the root of the machine are made to lead from the folder, and WordPress
# is told to read its configuration from where the environment says.
set -eu

folder=$1
mkdir -p "$folder/packages"
folder=$(cd "$folder" && pwd)

cd "$folder/packages"
wanted="mediawiki mediawiki-classes wordpress dokuwiki
    libphp-simplepie php-geshi php-getid3 php-phpseclib php-random-compat"
download="apt-get -qq -o APT::Sandbox::User=root download $wanted"
$download 2> /dev/null || { [ "$(id -u)" != 0 ] || apt-get -qq update; $download; } || {
    echo "Debian's packages cannot be fetched. Run: sudo apt-get update" >&2
    exit 1
}
for package in *.deb; do
    dpkg-deb -x "$package" "$folder"
done
find "$folder" -type l -lname '/*' | while read -r link; do
    ln -sfn "$folder$(readlink "$link")" "$link"
done
grep -rl --include='*.php' '/usr/share/php' "$folder/usr/share/dokuwiki" \
    | xargs sed -i "s|/usr/share/php|$folder/usr/share/php|g"
rm -r "$folder/packages"
cat > "$folder/usr/share/wordpress/wp-config.php" <<'END'
<?php
require getenv( 'WORDPRESS_CONFIG_FILE' );
require_once ABSPATH . 'wp-settings.php';
END
